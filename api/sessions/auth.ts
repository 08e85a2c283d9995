import { drizzleAdapter } from 'better-auth/adapters/drizzle';
import { betterAuth } from 'better-auth/minimal';
import { phoneNumber } from 'better-auth/plugins/phone-number';
import type { Orm, Sql } from '../../db/client.ts';
import { authAccount, authSession, authUser, authVerification } from '../../db/schema/auth.ts';
import type { Config } from '../config.ts';
import { Problem } from '../errors.ts';
import { beginSession, readSessionInstant, tryCode } from './queries.ts';

export const cookiePrefix = 'tongka';
export const sessionDays = 30;
export const cachedSeconds = 300;
const day = 86_400;

export type AuthNeeds = { config: Pick<Config, 'origin' | 'secret'>; sql: Sql; db: Orm };
export type Auth = ReturnType<typeof createAuth>;

/** better-auth on its first use: most requests need no more than the signed cookie, and a Worker would make it each time. */
export function lazyAuth(needs: AuthNeeds): () => Auth {
  let auth: Auth | undefined;
  return () => (auth ??= createAuth(needs));
}

/**
 * better-auth keeps users, sessions and cookies. It is called, never mounted: its own routes would judge and store codes
 * their way. What it takes for a phone number and a code are keyed hashes, so it cannot leave either anywhere.
 */
function createAuth({ config, sql, db }: AuthNeeds) {
  return betterAuth({
    appName: 'Tongka',
    baseURL: config.origin,
    basePath: '/api/auth',
    secret: config.secret,
    telemetry: { enabled: false },
    // Errors are thrown to us as well, and logged without what they quote.
    logger: { disabled: true },
    rateLimit: { enabled: false },
    database: drizzleAdapter(db, {
      provider: 'pg',
      schema: { authUser, authSession, authAccount, authVerification },
    }),
    user: { modelName: 'authUser' },
    account: { modelName: 'authAccount' },
    verification: { modelName: 'authVerification' },
    session: {
      modelName: 'authSession',
      expiresIn: sessionDays * day,
      updateAge: day,
      cookieCache: { enabled: true, maxAge: cachedSeconds, strategy: 'jwt' },
      additionalFields: { secondFactorAt: { type: 'date', required: false, input: false } },
    },
    advanced: {
      cookiePrefix,
      useSecureCookies: isSecure(config),
      ipAddress: { disableIpTracking: true },
      database: { validateSchema: false },
    },
    databaseHooks: {
      session: {
        create: {
          // The database's time, so that it compares with "sign out everywhere" whatever this machine's clock says.
          before: async (session) => {
            const createdAt = await readSessionInstant(sql, session.userId);
            return { data: { ...session, createdAt, updatedAt: createdAt } };
          },
        },
      },
    },
    plugins: [
      phoneNumber({
        // Its own route would store the code as it is: send-code.ts sends.
        sendOTP: () => Promise.reject(new Error('better-auth sends no codes here.')),
        verifyOTP: async ({ phoneNumber: phoneHash, code: codeHash }) => {
          if ((await tryCode(sql, phoneHash, codeHash)) !== 'accepted')
            throw new Problem('code_not_accepted');
          return true;
        },
        signUpOnVerification: {
          getTempEmail: (phoneHash) => `${phoneHash}@m.invalid`,
          getTempName: () => '',
        },
        callbackOnVerification: ({ phoneNumber: phoneHash, user }) =>
          beginSession(sql, user.id, phoneHash),
      }),
    ],
  });
}

export function isSecure({ origin }: Pick<Config, 'origin'>): boolean {
  return origin.startsWith('https:');
}
