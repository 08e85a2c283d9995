import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { cursor, pageLimit } from '../cursor.ts';
import { integer, localDay, numberInUrl, text, validate } from '../validate.ts';
import { answerDispute, decisions } from './answer.ts';
import { beginClose } from './begin-close.ts';
import { confirmStatement } from './confirm.ts';
import { raiseDispute } from './dispute.ts';
import { lineId, lineKinds, listLines } from './lines.ts';
import { linesCsv, linesXlsx } from './lines-file.ts';
import { listStatements } from './list.ts';
import { payStatement, takeInvoice } from './pay.ts';
import { listPeriods } from './periods.ts';
import { readStatement } from './read.ts';
import { statementsCsv } from './statements-csv.ts';
import { releaseLine, suspendLine } from './suspend.ts';
import { statementStates } from './view.ts';

const monthInUrl = z.string().regex(/^20\d\d-(0[1-9]|1[0-2])-01$/, 'must be the first of a month');
const uuid = z.string().regex(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/, 'must be a UUID');
const fen = integer(0, 2_147_483_647);
/** An invoice's or a transfer's number: letters, digits and what stands between them. */
const reference = z
  .string()
  .regex(/^[0-9A-Za-z][0-9A-Za-z/._-]{3,63}$/, 'must be a number as printed');

const id = validate('param', z.strictObject({ id: numberInUrl() }));
const month = validate('param', z.strictObject({ month: monthInUrl }));
const filter = {
  month: monthInUrl.exactOptional(),
  kind: z.enum(['partner', 'pair']).exactOptional(),
  state: z.enum(statementStates).exactOptional(),
  union: numberInUrl().exactOptional(),
  partner: numberInUrl().exactOptional(),
  /** A union that is itself a party to it. */
  party: z.union([z.literal('city'), numberInUrl()]).exactOptional(),
};
const page = validate(
  'query',
  z.strictObject({ ...filter, cursor: cursor(/^\d{1,10}$/).exactOptional(), limit: pageLimit }),
);
const whole = validate('query', z.strictObject(filter));
const lines = validate(
  'query',
  z.strictObject({
    redemption: uuid.exactOptional(),
    kind: z.enum(lineKinds).exactOptional(),
    debtor: numberInUrl().exactOptional(),
    only: z.enum(['disputed', 'suspended', 'late']).exactOptional(),
    cursor: cursor(lineId).exactOptional(),
    limit: pageLimit,
  }),
);
const union = validate('json', z.strictObject({ union: integer(1) }));
const claim = validate(
  'json',
  z.strictObject({
    union: integer(1).nullable(),
    redemption: uuid,
    claimedFen: fen,
    reason: text(500),
  }),
);
const answer = validate(
  'json',
  z.strictObject({
    decision: z.enum(decisions),
    reason: text(500),
    correctedFen: fen.exactOptional(),
  }),
);
const line = validate('param', z.strictObject({ id: numberInUrl(), redemption: uuid }));
const reason = validate('json', z.strictObject({ reason: text(500) }));
const invoice = validate('json', z.strictObject({ number: reference }));
const payment = validate(
  'json',
  z.strictObject({
    bankReference: reference,
    paidOn: localDay,
  }),
);

const asFile = (type: string, name: string) => ({
  'Content-Type': type,
  'Content-Disposition': `attachment; filename="${name}"`,
  'Cache-Control': 'no-store',
});
const csvType = 'text/csv; charset=utf-8';
const xlsxType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

export const settlements = new Hono<Env>()
  .get('/periods', async (c) => c.json({ periods: await listPeriods(c) }, 200))
  .post('/periods/:month/closing', month, async (c) =>
    c.json(await beginClose(c, c.req.valid('param').month), 202),
  )
  .get('/statements', page, async (c) => {
    const { cursor: after, limit, ...wanted } = c.req.valid('query');
    return c.json(await listStatements(c, wanted, limit, after), 200);
  })
  .get('/statements.csv', whole, async (c) =>
    c.body(await statementsCsv(c, c.req.valid('query')), 200, asFile(csvType, 'statements.csv')),
  )
  .get('/statements/:id', id, async (c) =>
    c.json(await readStatement(c, c.req.valid('param').id), 200),
  )
  .get('/statements/:id/lines', id, lines, async (c) => {
    const { cursor: after, limit, ...wanted } = c.req.valid('query');
    return c.json(await listLines(c, c.req.valid('param').id, wanted, limit, after), 200);
  })
  .get('/statements/:id/lines.csv', id, async (c) => {
    const { id: statement } = c.req.valid('param');
    return c.body(await linesCsv(c, statement), 200, asFile(csvType, `statement-${statement}.csv`));
  })
  .get('/statements/:id/lines.xlsx', id, async (c) => {
    const { id: statement } = c.req.valid('param');
    return c.body(
      await linesXlsx(c, statement),
      200,
      asFile(xlsxType, `statement-${statement}.xlsx`),
    );
  })
  .post('/statements/:id/confirmation', id, union, async (c) =>
    c.json(await confirmStatement(c, c.req.valid('param').id, c.req.valid('json').union), 200),
  )
  .post('/statements/:id/disputes', id, claim, async (c) => {
    const { union: unionId, redemption: redemptionId, ...rest } = c.req.valid('json');
    const raised = await raiseDispute(c, c.req.valid('param').id, {
      unionId,
      redemptionId,
      ...rest,
    });
    return c.json(raised, 201);
  })
  .post('/disputes/:id/answer', id, answer, async (c) => {
    const done = await answerDispute(c, c.req.valid('param').id, c.req.valid('json'));
    return 'proposal' in done ? c.json(done, 202) : c.json(done, 200);
  })
  .put('/statements/:id/suspensions/:redemption', line, reason, async (c) => {
    const { id: statement, redemption } = c.req.valid('param');
    return c.json(await suspendLine(c, statement, redemption, c.req.valid('json').reason), 200);
  })
  .delete('/statements/:id/suspensions/:redemption', line, reason, async (c) => {
    const { id: statement, redemption } = c.req.valid('param');
    return c.json(await releaseLine(c, statement, redemption, c.req.valid('json').reason), 200);
  })
  .put('/statements/:id/invoice', id, invoice, async (c) =>
    c.json(await takeInvoice(c, c.req.valid('param').id, c.req.valid('json').number), 200),
  )
  .put('/statements/:id/payment', id, payment, async (c) => {
    const done = await payStatement(c, c.req.valid('param').id, c.req.valid('json'));
    return 'proposal' in done ? c.json(done, 202) : c.json(done, 200);
  });
