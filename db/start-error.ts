/** What stops a command for a reason its user can mend: one sentence that says what and how, shown without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
