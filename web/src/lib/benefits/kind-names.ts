import { m } from '#lib/paraglide/messages.js';
import type { BenefitItem } from './types.ts';

export type Kind = BenefitItem['kind'];

export const kindNames = {
  cinema: m.benefit_kind_cinema,
  car_wash: m.benefit_kind_car_wash,
  park: m.benefit_kind_park,
  family: m.benefit_kind_family,
  bookshop: m.benefit_kind_bookshop,
  gym: m.benefit_kind_gym,
} satisfies Record<Kind, () => string>;
