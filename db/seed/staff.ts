import type { authUser } from '../schema/auth.ts';
import type { operator, operatorOutlet } from '../schema/partners.ts';
import type { officer, OfficeRole } from '../schema/roles.ts';
import { dayMs, midnight } from './calendar.ts';
import { inventName } from './names.ts';
import type { Outlet, Partner } from './partners.ts';
import { staffPeople } from './people.ts';
import type { SealedPhone } from './phones.ts';
import { phoneOf } from './phones.ts';
import type { Random } from './random.ts';
import type { Union } from './unions.ts';

export type Operator = { id: number; userId: string };

export type Staff = {
  users: (typeof authUser.$inferInsert)[];
  operators: (typeof operator.$inferInsert)[];
  posts: (typeof operatorOutlet.$inferInsert)[];
  officers: (typeof officer.$inferInsert)[];
  /** Who scans at an outlet, by its id. */
  byOutlet: Map<number, Operator>;
};

const firstPhone = 10_000;
const employedDays = 400;

/**
 * Who scans and who administers: a manager for each partner, an operator for each outlet, an administrator for the city
 * and for each district, and the people of the role switcher. Members get a user when they first sign in, these have
 * one at once, because their posts name it.
 */
export function createStaff(
  now: number,
  random: Random,
  seal: (e164: string) => SealedPhone,
  unions: Union[],
  partners: Partner[],
  outlets: Outlet[],
): Staff {
  const staff: Staff = { users: [], operators: [], posts: [], officers: [], byOutlet: new Map() };
  const since = new Date(midnight(now) - employedDays * dayMs);
  let phones = firstPhone;

  const hire = (name = inventName(random), phone = phoneOf((phones += 1))): string => {
    const { hash } = seal(phone);
    const id = hash.slice(0, 32);
    staff.users.push({
      id,
      name,
      email: `${hash}@m.invalid`,
      createdAt: since,
      updatedAt: since,
      phoneNumber: hash,
      phoneNumberVerified: true,
      sessionsValidFrom: since,
    });
    return id;
  };
  const post = (
    userId: string,
    partnerId: number,
    role: 'operator' | 'manager',
    at: readonly Outlet[],
  ) => {
    const id = staff.operators.length + 1;
    staff.operators.push({ id, userId, partnerId, role });
    for (const outlet of at) {
      staff.posts.push({ operatorId: id, outletId: outlet.id });
      if (!staff.byOutlet.has(outlet.id)) staff.byOutlet.set(outlet.id, { id, userId });
    }
  };
  const appoint = (userId: string, unionId: number, role: OfficeRole) => {
    staff.officers.push({ id: staff.officers.length + 1, userId, unionId, role });
  };

  const named = new Set<string>();
  for (const person of staffPeople) {
    const userId = hire(person.name, person.phone);
    if (person.role === 'operator' || person.role === 'manager') {
      const partner = partners.find(({ nameEn }) => nameEn === person.of);
      if (!partner) throw new Error(`The demo city has no ${person.of}.`);
      const keys = person.outlets ?? [];
      const at = outlets.filter(({ key }) => keys.includes(key));
      post(userId, partner.id, person.role, at);
    } else if (person.role !== 'member') {
      const union = unions.find(({ nameEn }) => nameEn === person.of);
      if (!union) throw new Error(`The demo city has no ${person.of}.`);
      appoint(userId, union.id, person.role);
      if (person.role === 'administrator') named.add(union.nameEn);
    }
  }
  for (const partner of partners) post(hire(), partner.id, 'manager', []);
  for (const outlet of outlets) {
    if (!staff.byOutlet.has(outlet.id)) post(hire(), outlet.partnerId, 'operator', [outlet]);
  }
  for (const union of unions) {
    if (union.level <= 2 && !named.has(union.nameEn)) appoint(hire(), union.id, 'administrator');
  }
  return staff;
}
