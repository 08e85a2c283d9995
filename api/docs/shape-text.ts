/** The part of JSON Schema that our validators and answers are made of. */
export type Schema = {
  $ref?: string;
  type?: string | string[];
  format?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  description?: string;
};

/** A schema in the notation of TypeScript, which is shorter to read than JSON Schema. */
export function shapeText(schema: Schema, indent = ''): string {
  if (schema.$ref) return schema.$ref.split('/').at(-1) ?? '';
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.anyOf) return schema.anyOf.map((one) => shapeText(one, indent)).join(' | ');
  if (Array.isArray(schema.type)) return schema.type.join(' | ');
  if (schema.type === 'array') {
    const items = shapeText(schema.items ?? {}, indent);
    return /^\S+$|^\{/.test(items) && !items.includes(' | ') ? `${items}[]` : `(${items})[]`;
  }
  if (schema.type === 'object' && schema.properties)
    return objectText(schema.properties, schema.required ?? [], indent);
  return `${schema.format ?? schema.type ?? 'anything'}${boundsText(schema)}`;
}

function objectText(fields: Record<string, Schema>, required: string[], indent: string): string {
  const inner = `${indent}  `;
  const lines = Object.entries(fields).map(([name, schema]) => {
    const mark = required.includes(name) ? '' : '?';
    const note = schema.description ? `  // ${schema.description}` : '';
    return `${inner}${name}${mark}: ${shapeText(schema, inner)}${note}`;
  });
  return `{\n${lines.join('\n')}\n${indent}}`;
}

function boundsText({ minimum, maximum, minLength, maxLength }: Schema): string {
  const low = minimum ?? minLength;
  const high = maximum ?? maxLength;
  if (high === undefined || high >= 2 ** 31 - 1) return '';
  return ` (${low ?? 0} to ${high})`;
}
