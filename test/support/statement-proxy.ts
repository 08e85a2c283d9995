import { fromClient } from './messages.ts';
import { openProxy, type Proxy } from './proxy.ts';

export type StatementProxy = Omit<Proxy, 'cut'> & {
  /** Statements executed since the last time this was asked. */
  take: () => number;
};

/** Stands before PostgreSQL and counts what any client, in any runtime, has executed; it changes nothing. */
export async function countStatements(databaseUrl: string): Promise<StatementProxy> {
  let statements = 0;
  const { url, close } = await openProxy(databaseUrl, (near, far) => {
    // Executed once prepared, or a query of plain text.
    const count = fromClient(({ type }) => {
      if (type === 'E' || type === 'Q') statements += 1;
    });
    near.on('data', count);
    near.pipe(far).pipe(near);
  });
  return {
    url,
    close,
    take: () => {
      const taken = statements;
      statements = 0;
      return taken;
    },
  };
}
