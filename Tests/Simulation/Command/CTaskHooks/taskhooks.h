#ifndef CHATD_TASKHOOKS_H
#define CHATD_TASKHOOKS_H

// If set, the Swift runtime calls these hooks instead of its global executor. It passes the job and more arguments; a
// hook that does not return needs none of them.
typedef void (*taskhooks_hook)(void);

#define TASKHOOKS_UNSAFE __attribute__((swift_attr("nonisolated(unsafe)")))
extern taskhooks_hook swift_task_enqueueGlobal_hook TASKHOOKS_UNSAFE;
extern taskhooks_hook swift_task_enqueueGlobalWithDelay_hook TASKHOOKS_UNSAFE;

#endif
