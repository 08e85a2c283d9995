import * as z from 'zod';
import { problemCodes } from '../errors.ts';
import { benefit as benefitTable } from '../../db/schema/benefits.ts';
import { reasons } from '../../db/schema/reasons.ts';

/** What answers are made of; named ones become components of the document. */
export const id = z.int().min(1);
export const fen = z.int().min(0).describe('Money in fen');
// The format says it all; zod's pattern would fill the document.
export const instant = z.iso.datetime().meta({ pattern: undefined });
export const uuid = z.uuid();
export const minute = z.int().describe('Minutes after midnight in Asia/Shanghai');
export const kind = z.enum(benefitTable.kind.enumValues);
export const period = z.enum(benefitTable.limitPeriod.enumValues);
export const limit = z.object({
  count: z.int(),
  period,
  days: z.int().nullable().describe('Of a rolling period'),
});
export const next = z.string().nullable().describe('The cursor of the next page; null at the end');

export const named = z
  .object({ id, nameZh: z.string(), nameEn: z.string() })
  .meta({ id: 'Named', description: 'A union, partner or outlet' });

export const cardKind = z
  .enum(['phone', 'printed', 'proxy'])
  .describe('The member’s own phone, a card on paper, or the phone of who acts for him');

export const title = z
  .object({ id, titleZh: z.string(), titleEn: z.string() })
  .meta({ id: 'Title', description: 'A benefit by its name' });

export const place = z
  .object({
    nameZh: z.string(),
    nameEn: z.string(),
    districtZh: z.string(),
    districtEn: z.string(),
  })
  .meta({ id: 'Place', description: 'An outlet and its district by name' });

export const reason = z
  .enum(reasons)
  .meta({ id: 'Reason', description: 'Why a benefit cannot be used; the first of all reasons' });

export const proposed = z
  .object({ id, expiresAt: instant })
  .meta({ id: 'Proposed', description: 'Waits for a second person; nothing is done before' });

export const done = z.object({ status: z.literal(true) });

export const audience = z
  .object({
    districts: z.array(id).optional(),
    unions: z.array(id).optional(),
    age: z.object({ min: z.int().optional(), max: z.int().optional() }).optional(),
    tags: z.array(z.string()).optional(),
  })
  .meta({ id: 'Audience', description: 'Every key that is present must hold; {} is everybody' });

export const problem = z
  .looseObject({
    type: z.string().describe('Where the code is explained'),
    title: z.string().describe('The code as an English sentence'),
    status: z.int(),
    code: z.enum(problemCodes).describe('Stable; what a program decides by'),
    requestId: z.uuid(),
    fields: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .meta({
    id: 'Problem',
    description: 'RFC 9457. Some codes add members, such as used, again or at.',
  });
