import { toString } from 'qrcode';
import { buildWeb, isWebStale } from './build.ts';
import { certificate, lanAddress } from './lan.ts';
import { checkPort } from './listen.ts';
import { prepareDatabase } from './prepare.ts';
import { serve } from './serve.ts';
import { settings } from './settings.ts';
import { Shutdown } from './shutdown.ts';
import { print, step } from './step.ts';

export type StartOptions = {
  /** https for the phones of the local network, with a certificate of our own making. */
  isLan: boolean;
  /** Without pages when something else serves them. */
  hasPages: boolean;
};

/** `npm start`: everything a bare machine needs, one step after another, until somebody opens the page. */
export async function start({ isLan, hasPages }: StartOptions): Promise<void> {
  const shutdown = new Shutdown();
  try {
    const address = isLan ? lanAddress() : null;
    const config = await settings({
      ...(address && {
        defaults: { host: '0.0.0.0', origin: (port: number) => `https://${address}:${port}` },
      }),
    });
    await checkPort(config.host, config.port);
    const database = await both(
      prepareDatabase(config, shutdown),
      hasPages ? preparePages() : Promise.resolve(),
    );
    const tls = address ? await certificate(address) : null;
    await serve({ config, database, tls, hasPages, shutdown });
    print(`\nTongka 通卡 is ready:  ${config.origin}`);
    if (tls) {
      print(await toString(config.origin, { type: 'terminal', small: true }));
      print('A phone warns of the certificate once, because this machine signed it itself.');
    }
    if (config.demo) {
      print(
        'Demo mode: choose there who to be, for instance 东城区会员 (a member, who shows the card)',
      );
      print('and, in another window, 朝阳区影院核销员 (the operator of a cinema, who scans it).');
      print('Data is kept; "npm run db:reset" starts over.');
    }
    print('Ctrl-C stops it.');
  } catch (error) {
    await shutdown.run();
    if (!shutdown.isAsked) throw error;
  }
}

/** The first one's result when neither failed, and never before both have ended: nothing is stopped under working feet. */
async function both<T>(first: Promise<T>, second: Promise<void>): Promise<T> {
  await Promise.allSettled([first, second]);
  await second;
  return first;
}

async function preparePages(): Promise<void> {
  if (await isWebStale()) await step('pages', () => buildWeb());
}
