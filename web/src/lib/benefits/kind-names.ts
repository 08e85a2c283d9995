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
  photo: m.benefit_kind_photo,
  driving: m.benefit_kind_driving,
  activity: m.benefit_kind_activity,
  room: m.benefit_kind_room,
  shop: m.benefit_kind_shop,
  health: m.benefit_kind_health,
  hardship: m.benefit_kind_hardship,
} satisfies Record<Kind, () => string>;
