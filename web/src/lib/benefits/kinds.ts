import BookOpen from '@lucide/svelte/icons/book-open';
import Car from '@lucide/svelte/icons/car';
import Clapperboard from '@lucide/svelte/icons/clapperboard';
import Dumbbell from '@lucide/svelte/icons/dumbbell';
import Trees from '@lucide/svelte/icons/trees';
import Users from '@lucide/svelte/icons/users';
import { m } from '#lib/paraglide/messages.js';
import type { BenefitItem } from './types.ts';

export type Kind = BenefitItem['kind'];

export const kinds = {
  cinema: { icon: Clapperboard, name: m.benefit_kind_cinema },
  car_wash: { icon: Car, name: m.benefit_kind_car_wash },
  park: { icon: Trees, name: m.benefit_kind_park },
  family: { icon: Users, name: m.benefit_kind_family },
  bookshop: { icon: BookOpen, name: m.benefit_kind_bookshop },
  gym: { icon: Dumbbell, name: m.benefit_kind_gym },
} satisfies Record<Kind, unknown>;

export function isKind(text: string | null): text is Kind {
  return text !== null && Object.hasOwn(kinds, text);
}
