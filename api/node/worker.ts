import { randomBytes } from 'node:crypto';
import { buildWeb, isWebStale } from './build.ts';
import { printCodes } from './gateway.ts';
import { checkPort } from './listen.ts';
import { prepareDatabase } from './prepare.ts';
import { settings } from './settings.ts';
import { Shutdown } from './shutdown.ts';
import { print, step } from './step.ts';
import { startWorker } from './wrangler.ts';

/**
 * `npm run dev -- --worker`: the product in workerd, on the same database as `npm start`. Workers have no demo mode, so the
 * codes of signing in go through a gateway of ours, which prints them here.
 */
export async function serveWorker(): Promise<void> {
  const shutdown = new Shutdown();
  try {
    const config = await settings({ needs: ['DATABASE_URL', 'TONGKA_SECRET'] });
    await checkPort('127.0.0.1', config.port);
    const database = await prepareDatabase(config, shutdown);
    if (await isWebStale()) await step('pages', () => buildWeb());
    const gatewaySecret = randomBytes(36).toString('base64');
    const gateway = await printCodes(gatewaySecret, print);
    shutdown.add(gateway.close);
    const worker = await step('workerd', () =>
      startWorker({
        port: config.port,
        databaseUrl: database.url,
        variables: {
          ORIGIN: config.origin,
          TONGKA_SECRET: config.secret,
          SMS_GATEWAY_URL: config.sms?.url ?? gateway.url,
          SMS_GATEWAY_SECRET: config.sms?.secret ?? gatewaySecret,
        },
        say: print,
      }),
    );
    shutdown.add(worker.stop);
    print(`\nTongka 通卡 is ready in workerd:  ${config.origin}`);
    print('One-time codes are printed here. Ctrl-C stops it.');
  } catch (error) {
    await shutdown.run();
    if (!shutdown.isAsked) throw error;
  }
}
