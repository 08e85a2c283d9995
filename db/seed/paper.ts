import type { Transaction } from '../client.ts';
import { dayMs } from './calendar.ts';
import { demoPeople } from './people.ts';
import { createIdNumbers, createPhones } from './phones.ts';

/** Invented, with the right check digit. */
const idNumber = '110101196707250017';
const cardBits = 34;

/** Who has no smartphone: his ID card on file, a card on paper, and his daughter, who acts for him on hers. */
export async function giveCardOnPaper(
  tx: Transaction,
  { now, secret }: { now: number; secret: string },
): Promise<void> {
  const hash = createPhones(secret);
  const id = createIdNumbers(secret)(idNumber);
  const [elder, child] = ['member_on_paper', 'member_proxy'].map((key) => {
    const person = demoPeople.find((one) => one.key === key);
    return { hash: hash(person?.phone ?? '').hash, name: person?.name ?? '' };
  });
  if (!elder || !child) return;
  const since = new Date(now - 20 * dayMs);
  // In a city of a few members he may not be there.
  const [member] = await tx<{ cell: number; id: number }[]>`
    update member set id_hash = ${id.hash}, id_cipher = ${id.cipher}, born_on = '1967-07-25'
    where phone_hash = ${elder.hash} returning cell, id`;
  if (!member) return;
  await tx`
    insert into card (
      cell, number, member_id, kind, phone_hash, phone_label, enrolled_at, expires_at)
    values (${member.cell}, ${member.cell * 2 ** cardBits + 1}, ${member.id}, 'printed', '', '',
      ${since}, date_trunc('second', ${since}::timestamptz) + interval '1 year')`;
  await tx`
    insert into auth_user (id, name, email, phone_number, phone_number_verified, created_at,
      updated_at, sessions_valid_from)
    values ('demo-proxy', '', 'demo-proxy@m.invalid', ${child.hash}, true, ${since}, ${since},
      ${since})`;
  await tx`
    insert into proxy (cell, member_id, user_id, kind, label, named_by, started_at, accepted_at)
    values (${member.cell}, ${member.id}, 'demo-proxy', 'family', '女儿', 'demo-proxy',
      ${since}, ${since})`;
}
