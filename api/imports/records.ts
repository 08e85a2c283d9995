const quote = 0x22;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Where the last whole record of these bytes ends, 0 if none does; they begin with a record. In UTF-8 as in GB18030 no
 * character holds one of the bytes that make the table, so it need not be decoded. A quote opens a field only at its
 * beginning; a line within quotes ends nothing.
 */
export function lastRecordEnd(bytes: Uint8Array, delimiter: string): number {
  const separator = delimiter.charCodeAt(0);
  let end = 0;
  let isQuoted = false;
  let isFieldStart = true;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (isQuoted) {
      if (byte !== quote) continue;
      if (bytes[i + 1] === quote) i++;
      else isQuoted = false;
    } else if (byte === quote && isFieldStart) {
      isQuoted = true;
      isFieldStart = false;
    } else if (byte === lineFeed || byte === carriageReturn) {
      // A carriage return at the very end may have its line feed behind it.
      if (byte === carriageReturn && i + 1 === bytes.length) break;
      if (byte === carriageReturn && bytes[i + 1] === lineFeed) i++;
      end = i + 1;
      isFieldStart = true;
    } else {
      isFieldStart = byte === separator;
    }
  }
  return end;
}

/** The mark at the beginning of a UTF-8 file, which belongs to no record. */
export function markBytes(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

/** Whether a piece of a file, cut anywhere, may be UTF-8. */
export function isUtf8Piece(bytes: Uint8Array): boolean {
  let from = 0;
  while (from < 3 && from < bytes.length && ((bytes[from] ?? 0) & 0xc0) === 0x80) from++;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(from), { stream: true });
    return true;
  } catch {
    return false;
  }
}
