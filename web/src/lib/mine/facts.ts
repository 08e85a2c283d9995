import { actionInWords, actionNames } from '#lib/console/changes.ts';
import { endReason } from '#lib/end-reason.ts';
import { when } from '#lib/format.ts';
import { m } from '#lib/paraglide/messages.js';
import { said } from '#lib/said.ts';
import { cardKinds } from './card-kinds.ts';
import type { OwnData } from './types.ts';

export type Part = { title: string; rows: readonly (readonly [what: string, says: string])[] };

const cardStates: Record<OwnData['cards'][number]['status'], () => string> = {
  live: m.mine_card_live,
  replaced: m.mine_card_replaced,
  lost: m.mine_card_lost,
  blocked: m.mine_card_blocked,
};

const deed = (action: string): string => {
  const known = actionNames.find((name) => name === action);
  return known === undefined ? action : actionInWords(known);
};

const dash = '–';
const span = (from: string, to: string | null): string =>
  `${when(from, 'date')} – ${to === null ? m.mine_today() : when(to, 'date')}`;
const list = (words: readonly string[]): string => words.filter(Boolean).join(' · ') || dash;

/** What is stored, part by part, in words: for the screen and for the file that people read. */
export function inParts(data: OwnData): Part[] {
  return [
    {
      title: m.mine_part_profile(),
      rows: [
        [m.mine_name(), data.name],
        [m.mine_phone(), data.phone ?? dash],
        [m.mine_id_number(), data.idNumber ?? dash],
        [m.mine_born(), data.bornOn ?? dash],
        [m.mine_family_size(), String(data.familySize)],
        [m.mine_tags(), list(data.tags)],
        [m.mine_member_since(), when(data.createdAt, 'date')],
      ],
    },
    {
      title: m.mine_part_affiliations(),
      rows: data.affiliations.map((one) => [
        said(one.union, 'name'),
        list([
          span(one.startedAt, one.endedAt),
          one.endReason === null ? '' : endReason(one.endReason),
        ]),
      ]),
    },
    {
      title: m.mine_part_cards(),
      rows: data.cards.map((one) => [
        list([cardKinds[one.kind](), one.phoneLabel]),
        list([span(one.enrolledAt, one.endedAt ?? one.expiresAt), cardStates[one.status]()]),
      ]),
    },
    {
      title: m.mine_part_proxies(),
      rows: data.proxies.map((one) => [
        one.kind === 'clerk' ? m.mine_clerk() : one.label || dash,
        list([
          span(one.startedAt, one.endedAt ?? one.endsAt),
          one.acceptedAt === null ? m.mine_waiting() : '',
        ]),
      ]),
    },
    {
      title: m.mine_part_uses(),
      rows: data.redemptions.map((one) => [
        when(one.at, 'moment'),
        list([
          `${said(one.benefit, 'title')} × ${one.quantity}`,
          said(one.outlet, 'name'),
          one.cardKind === 'phone' ? '' : cardKinds[one.cardKind](),
          one.reversedAt === null ? '' : m.history_undone(),
        ]),
      ]),
    },
    {
      title: m.mine_part_sessions(),
      rows: data.sessions.map((one) => [when(one.createdAt, 'moment'), one.browser ?? dash]),
    },
    {
      title: m.mine_part_deeds(),
      rows: data.deeds.map((one) => [
        when(one.at, 'moment'),
        list([said(one.union, 'name'), deed(one.action), one.reason ?? '']),
      ]),
    },
  ];
}

/** The same as a plain text, for a file. */
export function inText(data: OwnData): string {
  return inParts(data)
    .map(({ title, rows }) =>
      [title, ...rows.map(([what, says]) => `  ${what}: ${says}`)].join('\r\n'),
    )
    .join('\r\n\r\n');
}
