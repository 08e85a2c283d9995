/** Groups of four, for reading aloud and typing. */
export function grouped(code: string): string {
  return (code.match(/.{1,4}/g) ?? [code]).join(' ');
}
