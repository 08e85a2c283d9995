import { expect, test } from 'vitest';
import { found } from '../../web/src/lib/console/found.ts';

// Risk: somebody types what a thing is called and is not led to it.
const places = ['朝阳区总工会', 'Chaoyang District Union', '北京朝阳影院', 'Park'];
const find = (typed: string, most = 9) => found(places, typed, (name) => [name], most);

test.each([
  ['朝阳', ['朝阳区总工会', '北京朝阳影院']],
  ['CHAO yang', ['Chaoyang District Union']],
  ['ｐａｒｋ', ['Park']],
  ['影院', ['北京朝阳影院']],
  ['海淀', []],
  ['', places],
])('%s', (typed, expected) => {
  expect(find(typed)).toEqual(expected);
});

test('what begins with it stands first, and no more than asked for', () => {
  const names = ['南城影院', '影院之家', '北城影院'];
  const of = (most: number) => found(names, '影院', (name) => [name], most);
  expect(of(9)).toEqual(['影院之家', '南城影院', '北城影院']);
  expect(of(2)).toEqual(['影院之家', '南城影院']);
});

test('any of several names will do', () => {
  expect(found([['公园', 'Park']], 'park', (names) => names, 9)).toHaveLength(1);
});
