import { html, raw } from 'hono/html';
import { describe, type ProblemCode, problemCodes } from '../errors.ts';
import type { Document } from './document.ts';
import { tags } from './operation.ts';
import { type Schema, shapeText } from './shape-text.ts';

type Content = Record<string, { schema?: Schema }>;
type Parameter = { name: string; in: string; required?: boolean; schema: Schema };
type Described = {
  tags: string[];
  summary: string;
  description: string;
  parameters?: Parameter[];
  requestBody?: { content: Content };
  responses: Record<string, { description: string; content?: Content }>;
};
type Part = ReturnType<typeof html>;

export const style = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, "PingFang SC", "Noto Sans CJK SC", sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
h2 { border-bottom: 1px solid; margin-top: 3rem; }
h3 { font: 600 1rem ui-monospace, monospace; margin: 2.5rem 0 0; overflow-wrap: anywhere; }
h4 { font-size: .9rem; margin: 1rem 0 .25rem; }
pre { border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: 6px; margin: 0; overflow-x: auto; padding: .75rem; }
pre, code { font: .85rem/1.5 ui-monospace, monospace; }
table { border-collapse: collapse; width: 100%; }
ul { columns: 18rem; margin: 0; padding-left: 1.2rem; }
li { break-inside: avoid; }
a, td { overflow-wrap: anywhere; }
td, th { border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); padding: .35rem .75rem .35rem 0; text-align: left; vertical-align: top; }
tr:target { background: color-mix(in srgb, gold 30%, transparent); }
nav a { margin-right: 1rem; }
`;

/**
 * The document as one page without a script: nothing to load from elsewhere, and `type` of a problem, /api/docs#code,
 * leads to what the code means.
 */
export function page(document: Document): Part {
  const entries = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods ?? {}).map(([method, one]) => ({
      key: `${method.toUpperCase()} ${path}`,
      one: one as Described,
    })),
  );
  const components = (document.components.schemas ?? {}) as Record<string, Schema>;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${document.info.title} API</title>
        ${raw(`<style>${style}</style>`)}
      </head>
      <body>
        <main>
          <h1>${document.info.title} API</h1>
          <p>
            JSON over one origin; the session is a cookie. What goes wrong is answered as a problem
            document (RFC 9457) with a stable <code>code</code>. Times are ISO 8601 in UTC, money is
            in fen. For programs: <a href="/api/openapi.json">openapi.json</a>.
          </p>
          <nav aria-label="Parts">
            ${tags.map((tag) => html`<a href="#part-${slug(tag)}">${tag}</a>`)}
            <a href="#shapes">Shapes</a> <a href="#codes">Codes</a>
          </nav>
          ${tags.map(
            (tag) => html`
              <h2 id="part-${slug(tag)}">${tag}</h2>
              ${entries.filter(({ one }) => one.tags.includes(tag)).map(operation)}
            `,
          )}
          <h2 id="shapes">Shapes</h2>
          ${Object.entries(components).map(
            ([name, schema]) => html`
              <h3>${name}</h3>
              <p>${schema.description ?? ''}</p>
              <pre tabindex="0">${shapeText(schema)}</pre>
            `,
          )}
          <h2 id="codes">Codes</h2>
          <table>
            <thead>
              <tr>
                <th scope="col">Code</th>
                <th scope="col">Status</th>
                <th scope="col">Meaning</th>
              </tr>
            </thead>
            <tbody>
              ${problemCodes.map(codeRow)}
            </tbody>
          </table>
        </main>
      </body>
    </html>`;
}

function operation({ key, one }: { key: string; one: Described }): Part {
  const { summary, description, parameters = [], requestBody, responses } = one;
  const { answers = [], refusals = [] } = Object.groupBy(
    Object.entries(responses),
    ([, { content }]) => (content?.['application/problem+json'] ? 'refusals' : 'answers'),
  );
  return html`
    <h3>${key}</h3>
    <p>${summary}. ${description}</p>
    ${
      parameters.length > 0
        ? html`<h4>Parameters</h4>
            <pre tabindex="0">${parameters.map(parameterText).join('\n')}</pre>`
        : ''
    }
    ${shape('Body', requestBody?.content)}
    ${answers.map(([status, { content }]) => shape(status, content) ?? html`<h4>${status}</h4>`)}
    <h4>Refusals</h4>
    <ul>
      ${refusals.map(
        ([status, { description: meaning }]) =>
          html`<li>
            ${status} ${codesIn(meaning).map((code) => html`<a href="#${code}">${code}</a> `)}
          </li>`,
      )}
    </ul>
  `;
}

function shape(title: string, content: Content | undefined): Part | undefined {
  const [found] = Object.entries(content ?? {});
  if (!found) return undefined;
  const [media, { schema = {} }] = found;
  return html`<h4>${title}${media === 'application/json' ? '' : `, ${media}`}</h4>
    <pre tabindex="0">${shapeText(schema)}</pre>`;
}

function parameterText({ name, in: where, required, schema }: Parameter): string {
  return `${name}${required ? '' : '?'}: ${shapeText(schema)}  // in the ${where}`;
}

function codesIn(description: string): string[] {
  return Array.from(description.matchAll(/`([a-z_]+)`/g), ([, code = '']) => code);
}

function codeRow(code: ProblemCode): Part {
  const { status, title } = describe(code);
  return html`<tr id="${code}">
    <td><code>${code}</code></td>
    <td>${status}</td>
    <td>${title}</td>
  </tr>`;
}

function slug(tag: string): string {
  return tag.toLowerCase();
}
