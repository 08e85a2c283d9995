import { ofBudgets } from './of-budgets.ts';
import { ofClaimDesk } from './of-claim-desk.ts';
import { ofClaims } from './of-claims.ts';
import { ofClearing } from './of-clearing.ts';
import { ofConsole } from './of-console.ts';
import { ofCounter } from './of-counter.ts';
import { ofDoor } from './of-door.ts';
import { ofDevices } from './of-devices.ts';
import { ofDraws } from './of-draws.ts';
import { ofInsights } from './of-insights.ts';
import { ofMembers } from './of-members.ts';
import { ofMine } from './of-mine.ts';
import { ofOffline } from './of-offline.ts';
import { ofPartners } from './of-partners.ts';
import { ofPeople } from './of-people.ts';
import { ofRooms } from './of-rooms.ts';
import { ofRoster } from './of-roster.ts';
import { ofService } from './of-service.ts';
import { ofSessions } from './of-sessions.ts';

/** What the document says of each route; a test holds it to the app's routes and to what they really answer. */
export const operations = {
  ...ofSessions,
  ...ofMembers,
  ...ofMine,
  ...ofClaims,
  ...ofDraws,
  ...ofDoor,
  ...ofRooms,
  ...ofClaimDesk,
  ...ofCounter,
  ...ofDevices,
  ...ofOffline,
  ...ofConsole,
  ...ofBudgets,
  ...ofClearing,
  ...ofInsights,
  ...ofPartners,
  ...ofPeople,
  ...ofRoster,
  ...ofService,
};
