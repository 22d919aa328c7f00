/** Reading policies: from text and API objects to `AuditPolicy`, with everything that is wrong on the way. */
export { decodePolicyText, POLICY_FILE_LIMITS, type DecodedPolicyText } from './decode-file.ts';
export { decodePolicyManifest, decodePolicyManifestSpec } from './decode-manifest.ts';
export { decodePolicyObject, type DecodedPolicy, type DecodeOptions } from './decode-policy.ts';
export { readStrict, type StrictAnswer } from './decode-upstream.ts';
export type { Locate } from './decode-value.ts';
export { DOCUMENT_LIMITS, parseDocuments, type DocumentLimits, type ParsedDocument } from './documents.ts';
export { nearest, suggestLevel, suggestStage } from './suggest.ts';
