import { m } from '#lib/paraglide/messages.js';
import type { Tone } from '#lib/ui/tone.ts';
import type { Admission, OwnApplication, PartnerWhole } from './types.ts';

type Standing = { word: () => string; tone: Tone };

/** How an application stands. */
export const applicationStates: Record<OwnApplication['state'], Standing> = {
  submitted: { word: m.partners_submitted, tone: 'info' },
  asked: { word: m.partners_asked, tone: 'warning' },
  accepted: { word: m.partners_accepted, tone: 'success' },
  declined: { word: m.partners_declined, tone: 'error' },
  withdrawn: { word: m.partners_withdrawn, tone: 'neutral' },
};

/** How a partner or an admission stands. */
export const states: Record<Admission['state'] | PartnerWhole['state'], Standing> = {
  testing: { word: m.partners_state_testing, tone: 'info' },
  live: { word: m.partners_state_live, tone: 'success' },
  paused: { word: m.partners_state_paused, tone: 'warning' },
  ended: { word: m.partners_state_ended, tone: 'neutral' },
};
