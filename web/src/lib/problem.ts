/** What the server, or the way to it, refused: a stable `code`, and whatever facts came with it. */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(code: string, status: number, facts: Readonly<Record<string, unknown>> = {}) {
    super(code);
    this.name = 'Problem';
    this.code = code;
    this.status = status;
    this.facts = facts;
  }

  /** Nobody answered: the phone is offline, or the server is. */
  get isUnreachable(): boolean {
    return this.status === 0;
  }
}

/** Reads a problem document; a body that is none still becomes a Problem, by its status. */
export async function problemOf(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null);
  const facts = typeof body === 'object' && body !== null ? { ...body } : {};
  const code = 'code' in facts && typeof facts.code === 'string' ? facts.code.toLowerCase() : '';
  return new Problem(code === '' ? byStatus(response.status) : code, response.status, facts);
}

export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  if (thrown instanceof DOMException && thrown.name === 'TimeoutError') {
    return new Problem('timeout', 0);
  }
  if (thrown instanceof TypeError) return new Problem('offline', 0);
  throw thrown;
}

function byStatus(status: number): string {
  if (status === 401) return 'not_signed_in';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not_found';
  if (status === 429) return 'too_many_attempts';
  if (status === 503) return 'busy';
  return 'internal_error';
}
