import { expect, it } from 'vitest';
import { unknownOperator } from './ort';

it.each([
  [
    "Can't create a session. ERROR_CODE: 6, ERROR_MESSAGE: No Op registered for Swirl with domain_version of 17",
    'Swirl',
  ],
  ['ERROR_MESSAGE: Could not find an implementation for ConvTranspose(11) node with name "up"', 'ConvTranspose'],
  ['Fatal error: com.example:Swirl(-1) is not a registered function/op', 'com.example:Swirl'],
  ['failed to allocate a buffer', null],
])('names the operator in "%s"', (text, operator) => {
  expect(unknownOperator(text)).toBe(operator);
});
