import type { Transaction } from '../client.ts';

type Pair = { id: number; unionId: number; otherId: number };
type Use = { cell: number; id: string; fen: number };

/**
 * Closes the past of a seeded city but for its last month, and lets people have said something about the newest of
 * what was closed: one pair confirmed, one line disputed, one corrected, one partner paid, one line of another held back.
 */
export async function settlePast(tx: Transaction): Promise<void> {
  const months = await tx<{ month: string }[]>`
    select g.at::date::text as month
    from (
      select date_trunc('month', min(at) at time zone 'Asia/Shanghai') as first_month from transfer) t
      cross join lateral generate_series(
        t.first_month, date_trunc('month', clock() at time zone 'Asia/Shanghai') - interval '2 months',
        interval '1 month') as g (at)
    order by 1`;
  for (const { month } of months) await closeMonth(tx, month);
  const newest = months.at(-1)?.month;
  if (newest === undefined) return;
  const pairs = await tx<Pair[]>`
    select id, union_id as "unionId", other_id as "otherId" from statement
    where month = ${newest} and kind = 'pair' order by lines desc, id limit 2`;
  const [disputed, agreed] = pairs;
  if (disputed) await disputeLines(tx, disputed);
  if (agreed) await confirmPair(tx, agreed);
  await payPartner(tx, newest);
}

async function closeMonth(tx: Transaction, month: string): Promise<void> {
  await tx`insert into period (month, state, closing_at) values (${month}, 'closing', clock())`;
  await tx`select add_up_day(day) from unadded_days(${month}) as day`;
  await tx`select close_month(${month})`;
}

/** Two uses of it: about one somebody has to answer, the other one was corrected to half its price. */
async function disputeLines(tx: Transaction, { id, unionId, otherId }: Pair): Promise<void> {
  const uses = await tx<Use[]>`
    select l.cell, l.redemption_id as id, r.price_fen::bigint * r.quantity as fen
    from statement s
      cross join lateral payable_legs(
        day_begin(s.month), day_begin((s.month + interval '1 month')::date)) l
      join redemption r on r.cell = l.cell and r.id = l.redemption_id
    where s.id = ${id} and l.kind = 'redemption' and r.reversed_at is null
      and (l.union_id, l.creditor_id) in ((s.union_id, s.other_id), (s.other_id, s.union_id))
    order by l.at desc, l.redemption_id limit 2`;
  const [raiser, answerer] = await twoPersons(tx, unionId, otherId);
  const [open, settled] = uses;
  if (!raiser || !answerer || !open || !settled) return;
  await tx`
    insert into dispute (statement_id, cell, redemption_id, union_id, claimed_fen, reason, raised_by, raised_at)
    values (${id}, ${open.cell}, ${open.id}, ${unionId}, 0, '会员反映当天没有到店', ${raiser}, clock())`;
  const half = Math.floor(settled.fen / 2);
  await tx`
    insert into dispute (statement_id, cell, redemption_id, union_id, claimed_fen, reason, raised_by,
      raised_at, state, answered_by, answered_at, answer, corrected_fen, version)
    values (${id}, ${settled.cell}, ${settled.id}, ${unionId}, ${half}, '当天是半价场', ${raiser}, clock(),
      'accepted', ${answerer}, clock(), '商户已确认', ${half}, 2)`;
  await tx`select adjust_redemption(${settled.cell}::smallint, ${settled.id}::uuid, ${half}::bigint)`;
}

async function confirmPair(tx: Transaction, { id, unionId, otherId }: Pair): Promise<void> {
  const [one, other] = await twoPersons(tx, unionId, otherId);
  if (!one || !other) return;
  await tx`
    update statement set confirmed_at = clock(), confirmed_by = ${one}, other_confirmed_at = clock(),
      other_confirmed_by = ${other}
    where id = ${id}`;
}

/** Somebody with an office over the one union, and somebody else over the other. */
async function twoPersons(tx: Transaction, one: number, other: number): Promise<string[]> {
  const [found] = await tx<{ one: string; other: string }[]>`
    select a.user_id as one, b.user_id as other
    from trade_union u join officer a on a.union_id = any(u.path),
      trade_union v join officer b on b.union_id = any(v.path)
    where u.id = ${one} and v.id = ${other} and a.user_id <> b.user_id
      and role_may(a.role, 'money') and role_may(b.role, 'money')
    order by a.union_id = u.id desc, b.union_id = v.id desc, a.id, b.id limit 1`;
  return found ? [found.one, found.other] : [];
}

async function payPartner(tx: Transaction, month: string): Promise<void> {
  const statements = await tx<{ id: number; unionId: number }[]>`
    select s.id, s.union_id as "unionId" from statement s
    where s.month = ${month} and s.kind = 'partner' order by s.lines desc, s.id limit 2`;
  const [paid, held] = statements;
  if (paid)
    await tx`
      update statement set invoice_number = '2611200000' || lpad(id::text, 10, '0'), invoiced_at = clock(),
        payable_fen = debit_fen, bank_reference = 'ICBC-2026-0007731', paid_at = clock(),
        paid_on = (clock() at time zone 'Asia/Shanghai')::date
      where id = ${paid.id}`;
  if (!held) return;
  const [somebody] = await twoPersons(tx, held.unionId, held.unionId);
  await tx`
    insert into suspension (statement_id, cell, redemption_id, amount_fen, reason, suspended_by, suspended_at)
    select s.id, l.cell, l.redemption_id, sum(l.amount_fen), '等商户补交小票', ${somebody ?? 'service'}, clock()
    from statement s
      cross join lateral payable_legs(
        day_begin(s.month), day_begin((s.month + interval '1 month')::date)) l
      join redemption r on r.cell = l.cell and r.id = l.redemption_id
    where s.id = ${held.id} and l.partner_id = s.partner_id and l.creditor_id = s.union_id
      and l.kind = 'redemption' and r.reversed_at is null
    group by s.id, l.cell, l.redemption_id order by l.redemption_id limit 1`;
}
