/** One message of PostgreSQL's protocol. Those that begin a client's connection have no type, which is said as ''. */
export type Message = { type: string; bytes: Buffer };

const startedWith = 16;

/** Cuts what a server sends into messages. */
export function fromServer(seen: (message: Message) => void): (chunk: Buffer) => void {
  return splitter(true, seen);
}

/** Cuts what a client sends into messages. */
export function fromClient(seen: (message: Message) => void): (chunk: Buffer) => void {
  return splitter(false, seen);
}

function splitter(isServer: boolean, seen: (message: Message) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let isTyped = isServer;
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      const header = isTyped ? 5 : 4;
      if (rest.length < header) return;
      const length = rest.readInt32BE(header - 4) + header - 4;
      if (rest.length < length) return;
      const bytes = rest.subarray(0, length);
      rest = rest.subarray(length);
      const type = isTyped ? String.fromCharCode(bytes.readUInt8(0)) : '';
      // Asking for TLS or to cancel is eight or sixteen bytes long, and not yet the start.
      if (length > startedWith) isTyped = true;
      seen({ type, bytes });
    }
  };
}

/** The text that ends with a zero, and where the next one begins. */
export function textAt(bytes: Buffer, start: number): { text: string; next: number } {
  const end = bytes.indexOf(0, start);
  return { text: bytes.toString('utf8', start, end), next: end + 1 };
}

/** What PostgreSQL sends instead of a result; FATAL ends the session. */
export function errorMessage(severity: 'ERROR' | 'FATAL', code: string): Buffer {
  const fields = [`S${severity}`, `V${severity}`, `C${code}`, 'Minjected by a test'];
  const text = `${fields.join('\0')}\0\0`;
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(4 + Buffer.byteLength(text), 1);
  return Buffer.concat([head, Buffer.from(text)]);
}

/** The session is ready for the next statement, outside of a transaction. */
export const readyMessage = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);
