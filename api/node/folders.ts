import { join } from 'node:path';

/** The clone; every other path hangs on it, so that a command may be started from anywhere. */
export const root = join(import.meta.dirname, '..', '..');
/** What this installation keeps: the embedded database, the demo's secret, the certificate for the local network. */
export const dataFolder = join(root, '.data');
export const databaseFolder = join(dataFolder, 'postgres');
export const webFolder = join(root, 'web');
export const webBuild = join(webFolder, 'build');
