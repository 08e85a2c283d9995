import type { Kind } from './types.ts';

const kinds: readonly Kind[] = ['slot', 'sign_up', 'room'];

/** Whether what is claimed of a kind are persons who come; else it is tickets, prizes and the like. */
export const countsPersons = (kind: Kind): boolean => kinds.includes(kind);
