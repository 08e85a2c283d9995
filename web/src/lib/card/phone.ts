import { m } from '#lib/paraglide/messages.js';

const makes: readonly [RegExp, string][] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/HarmonyOS|OpenHarmony/i, 'HarmonyOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Macintosh/, 'Mac'],
];

export const isWeChat = (agent = navigator.userAgent): boolean => /MicroMessenger/i.test(agent);

/** WeChat on iOS has no service worker: there the card cannot open without a network. */
export const isWithoutOffline = (): boolean => isWeChat() && !('serviceWorker' in navigator);

/** What the member will recognise this phone by when another one takes its place. */
export function phoneLabel(agent = navigator.userAgent): string {
  const make = makes.find(([pattern]) => pattern.test(agent))?.[1] ?? m.card_some_phone();
  return isWeChat(agent) ? `${make} · ${m.card_wechat()}` : make;
}
