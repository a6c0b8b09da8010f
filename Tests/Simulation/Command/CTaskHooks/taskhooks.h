#ifndef CHATD_TASKHOOKS_H
#define CHATD_TASKHOOKS_H

// The Swift runtime calls these in place of its global executor, once they are set. It passes the job and more; a hook that
// does not return needs none of it.
typedef void (*taskhooks_hook)(void);

#define TASKHOOKS_UNSAFE __attribute__((swift_attr("nonisolated(unsafe)")))
extern taskhooks_hook swift_task_enqueueGlobal_hook TASKHOOKS_UNSAFE;
extern taskhooks_hook swift_task_enqueueGlobalWithDelay_hook TASKHOOKS_UNSAFE;

#endif
