/** Structured lines without personal data: a shell decides where they go. */
export type Log = {
  info: (event: string, fields: Record<string, string | number>) => void;
  /** An unexpected error: its name, SQLSTATE and stack, never its message, which may quote a row. */
  error: (error: unknown, requestId: string) => void;
};
