import type { Config } from './config.ts';
import type { Log } from './log.ts';

const levels = ['debug', 'info', 'warning', 'error'] as const;

/** A log of one JSON object a line. What may stand in it is decided by the type `Log`; of an error only what names no one. */
export function writeLog(level: Config['logLevel'], write: (line: string) => void): Log {
  const isWanted = (one: (typeof levels)[number]) => levels.indexOf(one) >= levels.indexOf(level);
  const line = (of: 'info' | 'error', event: string, fields: Record<string, unknown>) => {
    if (!isWanted(of)) return;
    write(JSON.stringify({ at: new Date().toISOString(), level: of, event, ...fields }));
  };
  return {
    info: (event, fields) => line('info', event, fields),
    error: (error, requestId) => line('error', 'error', { requestId, ...describe(error) }),
  };
}

function describe(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  const sqlState = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  // The first lines of a stack repeat the message, which may quote a row.
  const stack = error.stack?.split('\n').filter((one) => /^\s+at /.test(one));
  return {
    name: error.name,
    ...(sqlState !== undefined && { code: sqlState }),
    stack: stack?.map((one) => one.trim()),
    ...(error.cause !== undefined && { cause: describe(error.cause) }),
  };
}
