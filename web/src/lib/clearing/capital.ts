const digits = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'] as const;
const places = ['', '拾', '佰', '仟'] as const;
const groups = ['', '万', '亿', '万亿'] as const;

/** An amount as a cheque says it, so that no figure can be added: 人民币壹仟零伍元叁角整. */
export function capital(fen: number): string {
  const amount = Math.abs(fen);
  const [yuan, jiao, cents] = [Math.floor(amount / 100), Math.floor(amount / 10) % 10, amount % 10];
  const whole = yuan > 0 ? `${inGroups(yuan)}元` : '';
  const small =
    (jiao > 0 ? `${digits[jiao] ?? ''}角` : yuan > 0 && cents > 0 ? '零' : '') +
    (cents > 0 ? `${digits[cents] ?? ''}分` : '整');
  const said = yuan === 0 && jiao === 0 && cents === 0 ? '零元整' : `${whole}${small}`;
  return `人民币${fen < 0 ? '负' : ''}${said}`;
}

function inGroups(yuan: number): string {
  let said = '';
  let owesZero = false;
  for (let place = groups.length - 1; place >= 0; place -= 1) {
    const group = Math.floor(yuan / 10_000 ** place) % 10_000;
    if (group === 0) {
      owesZero ||= said !== '';
      continue;
    }
    const isShort = said !== '' && group < 1000;
    said += `${owesZero || isShort ? '零' : ''}${inPlaces(group)}${groups[place] ?? ''}`;
    owesZero = false;
  }
  return said;
}

/** Up to four figures: zeros between them are said once, those after them not at all. */
function inPlaces(group: number): string {
  let said = '';
  let owesZero = false;
  for (let place = places.length - 1; place >= 0; place -= 1) {
    const digit = Math.floor(group / 10 ** place) % 10;
    if (digit === 0) {
      owesZero ||= said !== '';
      continue;
    }
    said += `${owesZero ? '零' : ''}${digits[digit] ?? ''}${places[place] ?? ''}`;
    owesZero = false;
  }
  return said;
}
