import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { fields } from '../../db/schema/imports.ts';
import { memberId } from '../members/member-id.ts';
import { callerId, integer, numberInUrl, text, validate } from '../validate.ts';
import { cancelImport, checkImport, commitImport, undoImport } from './begin.ts';
import { createImport } from './create.ts';
import { fileBytesMax } from './files.ts';
import { listImports } from './list.ts';
import { groups, listAffected } from './people.ts';
import { putPart } from './put-part.ts';
import { receiveFile } from './receive.ts';
import { exportNotUndone } from './not-undone.ts';
import { exportRejected, listRejected } from './rejected.ts';
import { csvTemplate, xlsxTemplate } from './template.ts';
import { viewImport } from './view.ts';

const id = validate('param', z.strictObject({ id: callerId }));
const union = validate('param', z.strictObject({ id: numberInUrl() }));
const part = validate('param', z.strictObject({ id: callerId, number: numberInUrl(1023) }));
const language = z.enum(['zh-CN', 'en']).default('zh-CN');
const template = validate(
  'query',
  z.strictObject({ language, format: z.enum(['csv', 'xlsx']).default('csv') }),
);
const begin = validate(
  'json',
  z.strictObject({ unionId: integer(1), fileName: text(200), bytes: integer(1, fileBytesMax) }),
);
const digest = validate('json', z.strictObject({ digest: z.string().regex(/^[0-9a-f]{64}$/) }));
const choice = validate(
  'json',
  z.strictObject({
    columns: z.partialRecord(z.enum(fields), integer(0, 59)),
    isComplete: z.boolean(),
  }),
);
const nothing = validate('json', z.strictObject({}));
const reason = validate('json', z.strictObject({ reason: text(200) }));
const limit = numberInUrl(500)
  .refine((rows) => rows > 0, 'must be between 1 and 500')
  .default(100);
const page = validate('query', z.strictObject({ after: numberInUrl().default(0), limit }));
const affected = validate(
  'query',
  z.strictObject({ group: z.enum(groups), after: memberId.default(0), limit }),
);

const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

const words = validate('query', z.strictObject({ language }));
const asCsv = (name: string) => ({
  'Content-Type': 'text/csv; charset=utf-8',
  'Content-Disposition': `attachment; filename="${name}"`,
  'Cache-Control': 'no-store',
});

export const imports = new Hono<Env>()
  .get('/unions/:id/imports', union, async (c) =>
    c.json({ imports: await listImports(c, c.req.valid('param').id) }, 200),
  )
  .get('/member-template', template, async (c) => {
    const { format, language: tongue } = c.req.valid('query');
    const body = format === 'csv' ? csvTemplate(tongue) : await xlsxTemplate(tongue);
    return c.body(body, 200, {
      'Content-Type': format === 'csv' ? 'text/csv; charset=utf-8' : xlsx,
      'Content-Disposition': `attachment; filename="members.${format}"`,
    });
  })
  .put('/imports/:id', id, begin, async (c) =>
    c.json(await createImport(c, c.req.valid('param').id, c.req.valid('json')), 200),
  )
  .get('/imports/:id', id, async (c) => c.json(await viewImport(c, c.req.valid('param').id), 200))
  .delete('/imports/:id', id, nothing, async (c) =>
    c.json(await cancelImport(c, c.req.valid('param').id), 200),
  )
  .put('/imports/:id/parts/:number', part, async (c) => {
    const { id: one, number } = c.req.valid('param');
    return c.json(await putPart(c, one, number), 200);
  })
  .post('/imports/:id/upload', id, digest, async (c) =>
    c.json(await receiveFile(c, c.req.valid('param').id, c.req.valid('json').digest), 200),
  )
  .post('/imports/:id/check', id, choice, async (c) => {
    const { columns, isComplete } = c.req.valid('json');
    return c.json(await checkImport(c, c.req.valid('param').id, columns, isComplete), 200);
  })
  .post('/imports/:id/commit', id, nothing, async (c) =>
    c.json(await commitImport(c, c.req.valid('param').id), 200),
  )
  .post('/imports/:id/undo', id, reason, async (c) =>
    c.json(await undoImport(c, c.req.valid('param').id, c.req.valid('json').reason), 200),
  )
  .get('/imports/:id/people', id, affected, async (c) =>
    c.json(await listAffected(c, c.req.valid('param').id, c.req.valid('query')), 200),
  )
  .get('/imports/:id/rejected', id, page, async (c) => {
    const { after, limit } = c.req.valid('query');
    return c.json(await listRejected(c, c.req.valid('param').id, after, limit), 200);
  })
  .get('/imports/:id/rejected.csv', id, words, async (c) =>
    c.body(
      await exportRejected(c, c.req.valid('param').id, c.req.valid('query').language),
      200,
      asCsv('rejected.csv'),
    ),
  )
  .get('/imports/:id/not-undone.csv', id, words, async (c) =>
    c.body(
      await exportNotUndone(c, c.req.valid('param').id, c.req.valid('query').language),
      200,
      asCsv('not-undone.csv'),
    ),
  );
