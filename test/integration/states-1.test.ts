import { describeStates } from '../states/describe.ts';

describeStates([
  'Delivery',
  'Something is missing',
  'The policy is refused',
  'Stopped by annotation or dry run',
  'The HelmRelease is not at rest',
  'The ConfigMap is not as it was left',
]);
