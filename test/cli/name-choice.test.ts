import { expect, it } from 'vitest';
import { chooseNamed, orderedIds } from '../../electron/cli/name-choice.ts';

const [labs, kiosks, otherLabs] = [
  { id: 'a', name: 'Labs' },
  { id: 'b', name: 'Kiosks' },
  { id: 'c', name: 'Labs' },
];
const all = [labs, kiosks, otherLabs];

it('takes a name or an id, and asks for the id where a name is not unique', () => {
  expect(chooseNamed(all, 'Kiosks', 'policy', 'policies')).toBe(kiosks);
  expect(chooseNamed(all, 'c', 'policy', 'policies')).toBe(otherLabs);
  expect(() => chooseNamed(all, 'Labs', 'policy', 'policies')).toThrow(
    '2 policies are called "Labs"; give an id: a, c.',
  );
  expect(() => chooseNamed(all, 'Nobody', 'policy', 'policies')).toThrow('There is no policy "Nobody".');
});

it('puts those that are named first, and leaves the others in their order', () => {
  expect(orderedIds(all, [otherLabs])).toEqual(['c', 'a', 'b']);
  expect(orderedIds(all, [kiosks, otherLabs])).toEqual(['b', 'c', 'a']);
  expect(() => orderedIds(all, [kiosks, kiosks])).toThrow('Name each of them once.');
});
