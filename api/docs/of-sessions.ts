import * as z from 'zod';
import { heldRoles, officeRoles } from '../../db/schema/roles.ts';
import type { Operations } from './operation.ts';
import { done, id, named, place } from './shapes.ts';

const session = z.object({
  user: z.object({ id: z.string() }).nullable(),
  member: z
    .object({
      name: z.string(),
      district: named.extend({ code: z.string() }),
      union: named,
    })
    .nullable(),
  posts: z.array(
    z.object({
      operatorId: id,
      role: z.enum(['operator', 'manager']),
      partner: named,
      outlets: z.array(place.extend({ id })),
    }),
  ),
  offices: z.array(
    z.object({
      role: z.enum(heldRoles),
      union: named.extend({ kind: z.string() }),
    }),
  ),
  invitations: z.array(z.object({ id, role: z.enum(officeRoles), union: named })),
  secondFactor: z.enum(['none', 'required', 'enrolment_required', 'passed']),
  demo: z.boolean(),
});

const people = z
  .array(
    z.object({
      key: z.string(),
      role: z.string(),
      titleZh: z.string(),
      titleEn: z.string(),
      name: z.string(),
      phone: z.string(),
    }),
  )
  .readonly();

const tag = 'Sign-in';

export const ofSessions = {
  'POST /api/auth/phone-number/send-otp': {
    tag,
    summary: 'Send a one-time code to a phone, whether or not it is known',
    caller: 'anyone',
    answers: { 200: done },
    refusals: ['phone_invalid', 'too_many_attempts', 'sms_unavailable'],
  },
  'POST /api/auth/phone-number/verify': {
    tag,
    summary: 'Sign in with the code; sets the session cookie',
    caller: 'anyone',
    answers: { 200: done },
    refusals: ['phone_invalid', 'code_not_accepted', 'too_many_attempts'],
  },
  'POST /api/auth/two-factor/enable': {
    tag,
    summary: 'Make the secret of an authenticator for one’s own account',
    caller: 'person',
    answers: { 200: z.object({ totpURI: z.string() }) },
    refusals: ['second_factor_exists'],
  },
  'POST /api/auth/two-factor/verify-totp': {
    tag,
    summary: 'Pass the second factor, which an office needs',
    caller: 'person',
    answers: { 200: done },
    refusals: ['code_not_accepted', 'too_many_attempts'],
  },
  'POST /api/auth/sign-out': {
    tag,
    summary: 'End this session',
    caller: 'anyone',
    answers: { 200: done },
  },
  'GET /api/session': {
    tag,
    summary: 'Who is signed in, and what he may act as',
    caller: 'anyone',
    answers: { 200: session },
  },
  'POST /api/session/revocation': {
    tag,
    summary: 'Sign out everywhere, from the next request on',
    caller: 'person',
    answers: { 200: done },
  },
  'GET /api/demo/people': {
    tag,
    summary: 'Whom to be in the demo; not there outside it',
    caller: 'anyone',
    answers: { 200: people },
    refusals: ['not_found'],
  },
  'POST /api/demo/code': {
    tag,
    summary: 'The code last sent to a phone, in the demo',
    caller: 'anyone',
    answers: { 200: z.object({ code: z.string() }) },
    refusals: ['not_found', 'phone_invalid'],
  },
  'POST /api/demo/second-factor': {
    tag,
    summary: 'The authenticator’s code of this moment, in the demo',
    caller: 'person',
    answers: { 200: z.object({ code: z.string() }) },
    refusals: ['not_found', 'too_many_attempts'],
  },
} satisfies Operations;
