import { honoured } from './names';

test('a Chinese honorific follows the name, every other one stands before it', () => {
  expect(honoured({ honorific: '女士', name: '李明华' })).toBe('李明华女士');
  expect(honoured({ honorific: '大使阁下', name: 'Katarina Medved' })).toBe('Katarina Medved 大使阁下');
  expect(honoured({ honorific: 'H.E.', name: '李明华' })).toBe('H.E. 李明华');
  expect(honoured({ honorific: 'سعادة السفير', name: 'محمد رفعت' })).toBe('سعادة السفير محمد رفعت');
  expect(honoured({ honorific: null, name: '李明华' })).toBe('李明华');
  expect(honoured({ honorific: '', name: '李明华' })).toBe('李明华');
});
