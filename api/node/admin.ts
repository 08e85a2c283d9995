import { orm } from '../../db/client.ts';
import { districts } from '../../db/seed/districts.ts';
import { StartError } from '../../db/start-error.ts';
import { phoneHash } from '../members/personal-data.ts';
import { readPhone } from '../sessions/phone.ts';
import { removeSecondFactor } from '../sessions/remove-second-factor.ts';
import { appoint } from '../unions/appoint.ts';
import { foundCity } from '../unions/found-city.ts';
import { readOptions } from './options.ts';
import { print } from './step.ts';
import { withDatabase } from './with-database.ts';

const usage = `npm run admin create -- --phone 13800138000 [--union "a union's name, id or district code"]
npm run admin reset -- --phone 13800138000   an officer's authenticator is lost`;

/**
 * `npm run admin create`: the first administrator of an installation; an empty one gets its city and districts first.
 * `npm run admin reset`: the officer with this phone sets up a new authenticator at the next sign-in.
 */
export async function admin([verb, ...args]: string[]): Promise<void> {
  const { phone, union } = readOptions(args, ['phone', 'union'], usage);
  if ((verb !== 'create' && verb !== 'reset') || phone === undefined) throw new StartError(usage);
  const e164 = readOrRefuse(phone);
  await withDatabase(async ({ sql, config }) => {
    const hash = await phoneHash(config.secret, e164);
    if (verb === 'reset') {
      const name = await removeSecondFactor(orm(sql), hash);
      if (name === null) throw new StartError(`No officer with an authenticator has ${phone}.`);
      print(`${phone} of ${name} sets up a new authenticator at the next sign-in.`);
      return;
    }
    if (await foundCity(sql, districts)) print(`The city union and ${districts.length} districts.`);
    const name = await appoint(orm(sql), { phoneHash: hash, union: union ?? null });
    if (name === null) throw new StartError(`There is no union "${union ?? ''}".`);
    print(`${phone} is an administrator of ${name} from the next sign-in on.`);
  });
}

function readOrRefuse(phone: string): string {
  try {
    return readPhone(phone);
  } catch {
    throw new StartError('--phone must be a mobile number of mainland China, such as 13800138000.');
  }
}
