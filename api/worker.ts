import { connect, type Sql } from '../db/client.ts';
import { StartError } from '../db/start-error.ts';
import { app } from './app.ts';
import { runChores } from './chores.ts';
import { readConfig, type Variables } from './config.ts';
import { Problem, problemResponse } from './errors.ts';
import { type Lasting, lasting, services } from './services.ts';
import { writeLog } from './write-log.ts';

type Bindings = Variables & { HYPERDRIVE: { connectionString: string } };
type Execution = { waitUntil: (work: Promise<unknown>) => void };

// An isolate's keys and counters, by the bindings it was started with. No connection is among them: one outlives no request.
const isolates = new WeakMap<Bindings, Lasting>();

function isolateOf(env: Bindings): Lasting {
  const known = isolates.get(env);
  if (known) return known;
  const config = readConfig(env, { shell: 'workers' });
  const made = lasting(
    config,
    writeLog(config.logLevel, (line) => console.log(line)),
  );
  isolates.set(env, made);
  return made;
}

/** Hyperdrive keeps the real connections; ours to it live as long as their request and cost no trip to the database. */
function connectFor(env: Bindings): Sql {
  return connect(env.HYPERDRIVE.connectionString, { max: 5, hasSession: false });
}

/** A Worker cannot refuse to start: without its secrets it answers nothing, and says why in its log. */
function misconfigured(error: unknown): Response {
  if (!(error instanceof StartError)) throw error;
  console.error(error.message);
  return problemResponse(new Problem('internal_error'), crypto.randomUUID());
}

/** The same answer, telling when the last of it was read: a download may ask the database until then. */
function whenSent(answer: Response, after: (sent: Promise<void>) => void): Response {
  if (!answer.body) return answer;
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  after(answer.body.pipeTo(writable));
  return new Response(readable, answer);
}

export default {
  async fetch(request: Request, env: Bindings, execution: Execution): Promise<Response> {
    let kept: Lasting;
    try {
      kept = isolateOf(env);
    } catch (error) {
      return misconfigured(error);
    }
    const sql = connectFor(env);
    const late: Promise<unknown>[] = [];
    const after = (work: Promise<unknown>) => void late.push(work);
    try {
      const address = request.headers.get('CF-Connecting-IP') ?? undefined;
      const answer = await app.fetch(request, services(kept, sql, after, address));
      return whenSent(answer, after);
    } finally {
      execution.waitUntil(Promise.allSettled(late).then(() => sql.end({ timeout: 5 })));
    }
  },

  async scheduled(_event: unknown, env: Bindings): Promise<void> {
    const sql = connectFor(env);
    const late: Promise<unknown>[] = [];
    const after = (work: Promise<unknown>) => void late.push(work);
    try {
      await runChores(services(isolateOf(env), sql, after));
      await Promise.allSettled(late);
    } finally {
      await sql.end();
    }
  },
};
