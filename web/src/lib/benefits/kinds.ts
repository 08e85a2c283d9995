import BookOpen from '@lucide/svelte/icons/book-open';
import CalendarHeart from '@lucide/svelte/icons/calendar-heart';
import Camera from '@lucide/svelte/icons/camera';
import Car from '@lucide/svelte/icons/car';
import Clapperboard from '@lucide/svelte/icons/clapperboard';
import DoorOpen from '@lucide/svelte/icons/door-open';
import Dumbbell from '@lucide/svelte/icons/dumbbell';
import HandHeart from '@lucide/svelte/icons/hand-heart';
import HeartPulse from '@lucide/svelte/icons/heart-pulse';
import ShoppingBag from '@lucide/svelte/icons/shopping-bag';
import TrafficCone from '@lucide/svelte/icons/traffic-cone';
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
  photo: { icon: Camera, name: kindNames.photo },
  driving: { icon: TrafficCone, name: kindNames.driving },
  activity: { icon: CalendarHeart, name: kindNames.activity },
  room: { icon: DoorOpen, name: kindNames.room },
  shop: { icon: ShoppingBag, name: kindNames.shop },
  health: { icon: HeartPulse, name: kindNames.health },
  hardship: { icon: HandHeart, name: kindNames.hardship },
} satisfies Record<Kind, unknown>;

export function isKind(text: string | null): text is Kind {
  return text !== null && Object.hasOwn(kinds, text);
}
