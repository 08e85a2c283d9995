import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ClaimReason, Reason } from '../db/schema/reasons.ts';

/** The English sentence of each business refusal; all of them are 422. The screens have their own, in both languages. */
const refusals = {
  exists_with_different_content: 'This id already stands for something else; nothing was changed.',
  session_revoked: 'This session has ended. Sign in again.',
  operator_suspended: 'You may not redeem at this outlet.',
  outlet_closed: 'This outlet no longer accepts cards.',
  card_unknown: 'There is no such card.',
  card_replaced: 'This card has moved to another phone; ask for the code on that phone.',
  card_lost: 'This card was reported lost.',
  card_blocked: 'This card is blocked.',
  member_left: 'The holder is no longer a member.',
  scan_expired: 'The scan is too old. Scan the code again.',
  key_revoked: 'This code was signed by a key that is no longer valid. Ask for a fresh one.',
  pass_not_yet_valid:
    'This code is not valid yet; the clock of the phone that shows it may be ahead.',
  pass_expired: 'This code has expired. Ask for a fresh one.',
  benefit_unknown: 'There is no such benefit.',
  benefit_paused: 'This benefit is paused.',
  benefit_not_started: 'This benefit has not started yet.',
  benefit_ended: 'This benefit has ended.',
  benefit_not_today: 'This benefit cannot be used on this day of the week.',
  benefit_not_at_this_hour: 'This benefit cannot be used at this hour.',
  partner_paused: 'This partner does not give this benefit at present.',
  partner_not_admitted: 'This partner does not give this benefit.',
  district_not_valid: 'This benefit cannot be used in this district.',
  claim_needed: 'This benefit has to be claimed first, and the holder has no claim.',
  claim_not_here: 'The holder’s claim is for another outlet.',
  claim_not_now: 'The holder’s claim is for another time.',
  audience_district: "This benefit is not open to the holder's district.",
  audience_union: "This benefit is not open to the holder's union.",
  audience_age: "This benefit is not open to the holder's age.",
  audience_tag: 'This benefit is for certain groups of members only.',
  no_allocation: "No places of this benefit were given to the holder's district.",
  quantity_too_large: 'That is more than this benefit allows at once.',
  pass_already_used: 'This code has already been used for this benefit.',
  limit_reached: 'The holder has used this benefit as often as it allows for now.',
  category_limit_reached:
    'The holder has used benefits of this kind as often as his union allows for now.',
  partner_day_cap_reached: 'This partner has given this benefit as often as agreed for one day.',
  partner_cap_reached: 'This partner has given this benefit as often as agreed.',
  quota_exhausted: 'All places of this benefit are taken.',
} satisfies Record<Reason, string>;

/** The sentence of each business refusal of a claim; 422 too. */
const claimRefusals = {
  member_unknown: 'You do not act for this member.',
  session_unknown: 'There is no such session of this benefit.',
  session_cancelled: 'This session was called off.',
  session_over: 'This session has begun.',
  claims_not_open: 'This cannot be claimed yet.',
  claims_closed: 'This can no longer be claimed.',
  answers_invalid: 'An answer is missing, or is none that the question takes.',
  room_time_impossible: 'This room cannot be had at that time.',
  room_too_small: 'This room does not hold so many people.',
  room_hours_used: 'Your company has had as many hours of this room as it may this week.',
  room_taken: 'This room is taken at that time.',
  already_waiting: 'You are waiting for this already.',
  session_full: 'All places of this session are taken or held.',
  claim_expired: 'It was held or offered until a moment ago. Claim again.',
  claim_ended: 'As this claim stands, that cannot be done with it.',
  claim_used: 'This claim has been used.',
  claim_move_too_late: 'It is too late to move this; it can still be cancelled.',
  attendance_at_partner: 'This is used up at the partner’s, by scanning the card there.',
  no_walk_ins: 'Nobody is let in here without a claim now.',
  code_given: 'Its code was shown, so this cannot be given back.',
} satisfies Record<ClaimReason, string>;

/** Every other problem the API answers: its status and its sentence. */
const others = {
  invalid_request: [400, 'The request is not of the form this address takes.'],
  invalid_json: [400, 'The body is not valid JSON.'],
  unsupported_media_type: [415, 'Send the body as application/json.'],
  body_too_large: [413, 'The body is larger than this address takes.'],
  not_signed_in: [401, 'Sign in first.'],
  second_factor_required: [403, 'Enter the code of your authenticator first.'],
  foreign_origin: [403, 'This request came from another site.'],
  not_found: [404, 'There is nothing here that you may see.'],
  code_not_accepted: [400, 'The code is wrong or no longer valid.'],
  too_many_attempts: [429, 'Too many attempts. Wait a moment and try again.'],
  phone_invalid: [400, 'Enter a mobile number of mainland China.'],
  card_not_enrolled: [409, 'There is no card on this phone.'],
  card_on_another_phone: [409, 'The card is on another phone.'],
  not_a_member: [403, 'Only a union member has a card.'],
  pass_invalid: [422, 'This is not a valid code of a member’s card.'],
  pass_of_another_city: [422, 'This code was issued elsewhere.'],
  ticket_invalid: [422, 'This scan does not belong to you or was altered. Scan the code again.'],
  id_not_of_card: [400, 'The id does not end with the cell of the card.'],
  claims_exist: [409, 'Somebody has claimed this already, so it stays what kind of claim it is.'],
  claims_incomplete: [
    409,
    'Nobody could claim this yet, so it cannot be published: `missing` says what it lacks.',
  ],
  claims_need_network: [
    409,
    'What is claimed before the visit cannot be used without a network. Take one of the two away.',
  ],
  draw_committed: [409, 'This draw is committed, and this part of it cannot be changed any more.'],
  draw_begun: [409, 'Sign-up has begun; a draw is committed before.'],
  draw_not_listed: [409, 'The list is closed when sign-up is over. Then the number is entered.'],
  draw_over: [409, 'This was drawn.'],
  draw_number_waiting: [
    409,
    'A number waits for the second person already. It has to be confirmed or declined first.',
  ],
  codes_not_paid: [
    409,
    'A code is scanned by nobody who could be paid. Let the member pay the whole price, or have the card shown.',
  ],
  codes_bound: [409, 'There is one place for each code. Add codes for more.'],
  too_many_codes: [422, 'An offer has 100,000 codes at most.'],
  room_not_free: [409, 'A room that is shared costs nothing. Set its price to 0 first.'],
  claims_not_set: [409, 'This benefit is not one that is claimed like that.'],
  already_reversed: [409, 'This redemption has already been undone.'],
  reversal_too_late: [422, 'It is too late to undo this here; ask the union.'],
  cap_below_used: [409, 'The cap cannot be lower than what is already used or claimed.'],
  cap_above_benefit: [409, 'The allocations together would exceed the cap of the benefit.'],
  budget_missing: [
    409,
    'A union that would pay for this has no budget for that year. Set one first.',
  ],
  budget_short: [409, 'A budget that would pay for this does not have the money.'],
  payer_not_yours: [422, 'This would charge a union that has not agreed to it.'],
  nothing_to_copy: [409, 'There is nothing to copy from that month.'],
  partner_exists: [
    409,
    'There is a partner with this licence already; add the outlets to that one.',
  ],
  operator_exists: [409, 'The holder of this phone is among your operators already.'],
  trial_missing: [409, 'A test redemption has to be accepted before this can go live.'],
  changed_meanwhile: [409, 'Somebody changed this in the meantime. Look at it again.'],
  id_check_required: [422, 'A printed card counts together with the ID card of its holder.'],
  id_check_failed: [422, 'The ID card does not belong to this printed card.'],
  printed_card_expired: [422, 'This printed card is out of date; the union makes a new one.'],
  id_number_missing: [409, 'A printed card needs the number of the member’s ID card on file.'],
  member_has_card: [409, 'This member has the card on a phone.'],
  proxy_is_self: [422, 'Nobody is a proxy for himself.'],
  too_many_proxies: [409, 'There are as many proxies as there may be. End one first.'],
  name_not_confirmed: [422, 'Type your name as it is shown to confirm.'],
  pairing_invalid: [422, 'This pairing code is wrong, used or too old. Have a new one shown.'],
  upload_not_signed: [422, 'This upload was not signed by this device; nothing was kept.'],
  device_revoked: [409, 'This device was revoked; it may still upload what it holds.'],
  officer_exists: [409, 'This person is in office there already, or was invited.'],
  last_administrator: [409, 'A union keeps at least one administrator.'],
  administrator_from_above: [403, 'Only the union above names administrators here.'],
  invitation_closed: [409, 'This invitation is no longer open.'],
  application_own: [403, 'Somebody else has to decide what you applied for.'],
  proposal_own: [
    403,
    'Somebody else has to confirm what you proposed, or what was proposed by an office that one of you lent.',
  ],
  proposal_stale: [
    409,
    'What this proposal is about has changed, or who proposed it may no longer do so. Propose it anew.',
  ],
  proposal_closed: [409, 'This proposal is no longer open.'],
  period_begun: [409, 'This month is being closed already, or is closed.'],
  period_closed: [422, 'This month is closed; only an adjustment corrects it.'],
  period_not_over: [422, 'A month can be closed when it is over.'],
  period_earlier_open: [422, 'Close the earlier months first.'],
  statement_confirmed: [409, 'This union has confirmed the statement.'],
  statement_own: [403, 'Somebody else has to confirm for the other union.'],
  statement_disputed: [409, 'A dispute about this statement is still open.'],
  invoice_used: [409, 'This invoice number is that of another statement already.'],
  statement_invoiced: [409, 'There is an invoice for this statement already.'],
  statement_paid: [409, 'This statement is paid.'],
  invoice_missing: [422, 'Record the invoice first.'],
  paid_on_impossible: [422, 'A statement is paid after its month began and not in the future.'],
  line_unknown: [422, 'There is no such line in this statement.'],
  line_disputed: [409, 'This line is disputed already.'],
  line_suspended: [409, 'This line is suspended already.'],
  claim_out_of_range: [422, 'It cannot cost more than at first, nor what it costs already.'],
  dispute_closed: [409, 'This dispute has been decided.'],
  too_many_lines: [422, 'This is too much for one spreadsheet; take the CSV file.'],
  dispute_own: [403, 'Somebody else has to decide what you said yourself.'],
  already_decided: [409, 'This was decided before.'],
  not_payable: [422, 'This does not tell what was used by whom, so it cannot be booked.'],
  import_at_another_step: [409, 'This import is at another step by now. Look at it again.'],
  parts_missing: [409, 'Parts of the file are missing. Send them and try again.'],
  file_differs: [422, 'What arrived is not the file that was sent. Send it again.'],
  file_unreadable: [422, 'This is no CSV or XLSX table that can be read.'],
  file_too_large: [422, 'An XLSX file may have 16 MiB. Save it as CSV.'],
  undo_too_late: [422, 'An import can be undone for 24 hours.'],
  id_number_invalid: [400, 'This is not the number of a resident’s ID card.'],
  person_unknown: [422, 'Nobody with this number is a member of another union.'],
  transfer_asked: [409, 'This transfer was asked for already.'],
  transfer_declined: [
    409,
    'The member declined this transfer. This union may ask again from the time in `again`.',
  ],
  too_many_transfers: [429, 'That is as many transfers as one may ask for in an hour.'],
  second_factor_exists: [
    409,
    'There is an authenticator already. Ask an administrator to remove it.',
  ],
  sms_unavailable: [503, 'The code could not be sent. Try again in a moment.'],
  busy: [503, 'Too much is going on right now. Try again in a moment.'],
  database_unavailable: [
    503,
    'The database does not answer. Nothing is lost; try again in a moment.',
  ],
  internal_error: [500, 'Something went wrong here. Nothing was done; try again.'],
} satisfies Record<string, [ContentfulStatusCode, string]>;

export type { ClaimReason, Reason };
export type ProblemCode = Reason | ClaimReason | keyof typeof others;

const sentences: Record<Reason | ClaimReason, string> = { ...refusals, ...claimRefusals };

export const problemCodes = [...Object.keys(sentences), ...Object.keys(others)] as ProblemCode[];

/** Status and sentence of a code. */
export function describe(code: ProblemCode): { status: ContentfulStatusCode; title: string } {
  if (code in others) {
    const [status, title] = others[code as keyof typeof others];
    return { status, title };
  }
  const status =
    code === 'exists_with_different_content' ? 409 : code === 'session_revoked' ? 401 : 422;
  return { status, title: sentences[code as Reason | ClaimReason] };
}

/**
 * Thrown by any route or verb, answered as an RFC 9457 problem document by `app.onError`. `extra` becomes members of
 * that document, so it never holds personal data.
 */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly extra: Record<string, unknown>;
  readonly headers: Record<string, string>;

  constructor(
    code: ProblemCode,
    extra: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ) {
    super(code);
    this.name = 'Problem';
    this.code = code;
    this.extra = extra;
    this.headers = headers;
  }
}

/** The problem document itself. */
export function problemDocument(problem: Problem, requestId: string): Record<string, unknown> {
  const { code, extra } = problem;
  const { status, title } = describe(code);
  return { type: `/api/docs#${code}`, title, status, code, requestId, ...extra };
}

export function problemResponse(problem: Problem, requestId: string): Response {
  // Not Response.json(): on Node that is a stream, and a storm of refusals is when there is no time for one.
  return new Response(JSON.stringify(problemDocument(problem, requestId)), {
    status: describe(problem.code).status,
    headers: { 'Content-Type': 'application/problem+json', ...problem.headers },
  });
}
