// What a person may do about groups. All of it is loaded with the network.
import type { GroupDeeds } from './groups/group-deeds.ts';
import type { House } from './house.ts';

export function groupActions(house: House): GroupDeeds {
  const deeds = () => house.requireNetwork().groupHouse.deeds;
  return {
    createGroup: async (...args) => deeds().createGroup(...args),
    answerGroup: async (...args) => deeds().answerGroup(...args),
    group: async (...args) => deeds().group(...args),
    addMembers: async (...args) => deeds().addMembers(...args),
    removeMember: async (...args) => deeds().removeMember(...args),
    makeAdmin: async (...args) => deeds().makeAdmin(...args),
    renameGroup: async (...args) => deeds().renameGroup(...args),
    setGroupPicture: async (...args) => deeds().setGroupPicture(...args),
    leaveGroup: async (...args) => deeds().leaveGroup(...args),
    deleteGroup: async (...args) => deeds().deleteGroup(...args),
    setMuted: async (...args) => deeds().setMuted(...args),
    newGroupCard: async (...args) => deeds().newGroupCard(...args),
    revokeGroupCard: async (...args) => deeds().revokeGroupCard(...args),
    setAdmission: async (...args) => deeds().setAdmission(...args),
    answerJoin: async (...args) => deeds().answerJoin(...args),
    askMember: async (...args) => deeds().askMember(...args),
    messageReceipts: async (...args) => deeds().messageReceipts(...args),
  };
}
