import { describeStates } from '../states/describe.ts';

describeStates([
  'Whose ConfigMap it is',
  'Other writers of the values',
  'The reference is cleared',
  'Deleted and made again',
  'The target is remote',
]);
