import BookOpen from '@lucide/svelte/icons/book-open';
import Car from '@lucide/svelte/icons/car';
import Clapperboard from '@lucide/svelte/icons/clapperboard';
import Dumbbell from '@lucide/svelte/icons/dumbbell';
import Trees from '@lucide/svelte/icons/trees';
import Users from '@lucide/svelte/icons/users';
import { kindNames, type Kind } from './kind-names.ts';

export type { Kind };

export const kinds = {
  cinema: { icon: Clapperboard, name: kindNames.cinema },
  car_wash: { icon: Car, name: kindNames.car_wash },
  park: { icon: Trees, name: kindNames.park },
  family: { icon: Users, name: kindNames.family },
  bookshop: { icon: BookOpen, name: kindNames.bookshop },
  gym: { icon: Dumbbell, name: kindNames.gym },
} satisfies Record<Kind, unknown>;

export function isKind(text: string | null): text is Kind {
  return text !== null && Object.hasOwn(kinds, text);
}
