// What is loaded at once where there are groups: one piece, so that what the first screen stands on is not cut into smaller ones for it.
export { GroupPage } from './group-page.tsx';
export { GroupPart } from './list-part.tsx';
export { NewGroupScreen } from './new-group.tsx';
