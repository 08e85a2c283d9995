// Risk: the amount in capitals, which is the one that counts on paper, is another one than the figures say.
import { expect, test } from 'vitest';
import { capital } from '../../web/src/lib/clearing/capital.ts';

test.each([
  [0, '人民币零元整'],
  [1, '人民币壹分'],
  [10, '人民币壹角整'],
  [105, '人民币壹元零伍分'],
  [1_000, '人民币壹拾元整'],
  [1_234_56, '人民币壹仟贰佰叁拾肆元伍角陆分'],
  [100_500, '人民币壹仟零伍元整'],
  [1_000_000, '人民币壹万元整'],
  [1_000_500, '人民币壹万零伍元整'],
  [10_500_000, '人民币壹拾万伍仟元整'],
  [100_100_00, '人民币壹拾万零壹佰元整'],
  [10_000_000_000, '人民币壹亿元整'],
  [10_000_100_000, '人民币壹亿零壹仟元整'],
  [102_304_050_607, '人民币壹拾亿贰仟叁佰零肆万零伍佰零陆元零柒分'],
  [-4550, '人民币负肆拾伍元伍角整'],
])('%i fen', (fen, said) => {
  expect(capital(fen)).toBe(said);
});
