import { brackets, fullName, listMark, mark } from './punctuation';

test('a Chinese honorific follows the name, every other one stands before it', () => {
  expect(fullName({ honorific: '女士', name: '李明华' })).toBe('李明华女士');
  expect(fullName({ honorific: '大使阁下', name: 'Katarina Medved' })).toBe('Katarina Medved 大使阁下');
  expect(fullName({ honorific: 'H.E.', name: '李明华' })).toBe('H.E. 李明华');
  expect(fullName({ honorific: 'سعادة السفير', name: 'محمد رفعت' })).toBe('سعادة السفير محمد رفعت');
  expect(fullName({ honorific: null, name: '李明华' })).toBe('李明华');
  expect(fullName({ honorific: '', name: '李明华' })).toBe('李明华');
});

test('marks bring the space that their language sets', () => {
  expect(['en', 'fr', 'ar', 'zh'].map((language) => mark(language as 'en', ':'))).toEqual([
    ': ',
    '\u202f: ',
    ': ',
    '：',
  ]);
  expect([mark('ar', ';'), mark('zh', ';'), listMark('fr'), listMark('ar'), listMark('zh')]).toEqual([
    '؛ ',
    '；',
    ', ',
    '، ',
    '、',
  ]);
  expect([brackets('en').join('role'), brackets('zh').join('主席')]).toEqual([' (role)', '（主席）']);
});
