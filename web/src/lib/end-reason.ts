import { m } from '#lib/paraglide/messages.js';

/** What the database writes by itself; any other reason is somebody's own words. */
const known: Record<string, () => string> = {
  转会: m.members_end_transfer,
  调整单位: m.members_end_moved,
  导入已撤销: m.members_end_undone,
  不在完整名册中: m.members_end_missing,
  erased: m.members_end_erased,
};

/** Why an affiliation ended, in words. */
export const endReason = (reason: string): string => known[reason]?.() ?? reason;
