#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "attributes.h"
#include "counting.h"
#include "datagrams.h"
#include "entry.h"
#include "guard.h"
#include "handlers.h"
#include "lines.h"
#include "module.h"
#include "payload.h"
#include "polling.h"
#include "python.h"
#include "refill.h"
#include "serving.h"
#include "telling.h"

#include <unistd.h>

/* An event: what, signal, sender, pid, uid, value (None: none came with it), status, error, at. */
static PyObject *as_tuple(const struct event *event) {
    PyObject *value = Py_NewRef(Py_None);
    if (event->what == SIGNAL && event->code == SI_QUEUE)
        Py_SETREF(value, PyLong_FromLongLong(event->value));
    return Py_BuildValue("iiiiLNiiL", event->what, event->signal, event->sender, event->pid, (long long)event->uid,
                         value, event->status, event->error, (long long)event->at);
}

/* Hand an event to the engine. Until it asks for the next one, this one is in hand: the fallback deals with it if
 * Python ends meanwhile. */
static PyObject *answer(const struct event *event) {
    handed.event = *event;
    if (event->what == STATUS && event->pid == watch.child && (WIFEXITED(event->status) || WIFSIGNALED(event->status)))
        handed.ended = true, handed.status = event->status;
    if (event->what == REFUSED) {
        errno = event->error;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    if (event->what == NOTHING)
        Py_RETURN_NONE;
    return as_tuple(event);
}

static PyObject *module_wait(PyObject *self, PyObject *arguments) {
    (void)self;
    long long due;
    struct event event;
    if (!PyArg_ParseTuple(arguments, "L", &due))
        return NULL;
    watch_wait(&event, due);
    return answer(&event);
}

static PyObject *module_take_stop(PyObject *self, PyObject *none) {
    (void)self, (void)none;
    struct event event;
    if (!watch_take_stop(&event))
        event.what = NOTHING;
    return answer(&event);
}

static PyObject *module_reap(PyObject *self, PyObject *none) {
    (void)self, (void)none;
    struct event event;
    if (!watch_reap(&event))
        event.what = NOTHING;
    return answer(&event);
}

static PyObject *module_part(PyObject *self, PyObject *arguments) {
    (void)self;
    const char *name;
    struct part part;
    if (!PyArg_ParseTuple(arguments, "s", &name))
        return NULL;
    if (!payload_part(name, &part))
        return PyErr_Format(PyExc_LookupError, "%s", name);
    return PyMemoryView_FromMemory((char *)part.data, (Py_ssize_t)part.size, PyBUF_READ);
}

/* before(): what happened before. The command line, the child's pid, the pipe of its exec, whether the lines about the
 * start are written, whether we have become a subreaper (None: we are PID 1), the event to begin with, the least level
 * of the log. */
static PyObject *module_before(PyObject *self, PyObject *none) {
    (void)self, (void)none;
    PyObject *words = PyList_New(0);
    for (char **each = handed.words; words && *each; each++) {
        PyObject *word = PyBytes_FromString(*each);
        if (!word || PyList_Append(words, word))
            Py_CLEAR(words);
        Py_XDECREF(word);
    }
    if (!words)
        return NULL;
    PyObject *adopted = watch.me == 1 ? Py_NewRef(Py_None) : PyBool_FromLong(!handed.not_adopted);
    PyObject *event = handed.event.what == NOTHING ? Py_NewRef(Py_None) : as_tuple(&handed.event);
    return Py_BuildValue("NiiNNNI", words, handed.pid, handed.pipe, PyBool_FromLong(handed.start_is_told),
                         adopted, event, lines.level);
}

/* hand_over(bytes): give a payload to PID 1, whose helper this process is. */
static PyObject *module_hand_over(PyObject *self, PyObject *bytes) {
    (void)self;
    char *data;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(bytes, &data, &size))
        return NULL;
    if ((size_t)size > handed.most)
        return PyErr_NoMemory();
    memcpy(handed.made, data, (size_t)size);
    Py_RETURN_NONE;
}

/* early(): whether everything is to be loaded now, so that a stop takes no more memory. */
static PyObject *module_early(PyObject *self, PyObject *none) {
    (void)self, (void)none;
    return PyBool_FromLong(handed.early);
}

/* ready(): the engine is loaded, and the guard is eased (guard.h). */
static PyObject *module_ready(PyObject *self, PyObject *none) {
    (void)self, (void)none;
    guard_ease();
    Py_RETURN_NONE;
}

/* queue(pid, signal, value): sigqueue(3); whether it was sent. */
static PyObject *module_queue(PyObject *self, PyObject *arguments) {
    (void)self;
    int pid, number;
    long long value;
    if (!PyArg_ParseTuple(arguments, "iiL", &pid, &number, &value))
        return NULL;
    union sigval with = {.sival_ptr = (void *)(intptr_t)value};
    return PyBool_FromLong(!sigqueue(pid, number, with));
}

/* ignored(): the signals that were ignored when this process was started, bit n-1 for signal n. */
static PyObject *module_ignored(PyObject *self, PyObject *none) {
    (void)self, (void)none;
    return PyLong_FromUnsignedLongLong(handlers_ignored);
}

/* blocked(): the signals that were blocked when this process was started. */
static PyObject *module_blocked(PyObject *self, PyObject *none) {
    (void)self, (void)none;
    return PyLong_FromUnsignedLongLong(entry_mask);
}

/* restore(blocked, ignored): before the exec of a program, see handlers.h. */
static PyObject *module_restore(PyObject *self, PyObject *arguments) {
    (void)self;
    unsigned long long blocked, ignored;
    if (!PyArg_ParseTuple(arguments, "KK", &blocked, &ignored))
        return NULL;
    handlers_restore(blocked, ignored);
    Py_RETURN_NONE;
}

/* leave(signals): neither take nor handle these any more; they have the effect that they had before (handlers.h). */
static PyObject *module_leave(PyObject *self, PyObject *arguments) {
    (void)self;
    unsigned long long left;
    if (!PyArg_ParseTuple(arguments, "K", &left))
        return NULL;
    watch.awaited &= ~left;
    handlers_release(left);
    Py_RETURN_NONE;
}

/* settle(stops, owned): the stop signals to take first, as a mask; the pids whose exits the engine must see, or None:
 * it must see all. */
static PyObject *module_settle(PyObject *self, PyObject *arguments) {
    (void)self;
    unsigned long long stops;
    PyObject *owned;
    if (!PyArg_ParseTuple(arguments, "KO", &stops, &owned))
        return NULL;
    watch.stops = stops;
    watch.owned_count = owned != Py_None && PyTuple_GET_SIZE(owned) <= OWNED ? (int)PyTuple_GET_SIZE(owned) : -1;
    for (int each = 0; each < watch.owned_count; each++)
        watch.owned[each] = (pid_t)PyLong_AsLong(PyTuple_GET_ITEM(owned, each));
    if (PyErr_Occurred())
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *module_forget(PyObject *self, PyObject *none) {
    (void)self, (void)none;
    refill_forget();
    Py_RETURN_NONE;
}

/* remember(sender, signal, kind, sent, group, pid, lines): what the engine does while its state stays as it is. */
static PyObject *module_remember(PyObject *self, PyObject *arguments) {
    (void)self;
    int sender, number, kind, sent, group, pid;
    const char *text;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(arguments, "iiiipiy#", &sender, &number, &kind, &sent, &group, &pid, &text, &size))
        return NULL;
    struct entry entry = {(uint8_t)kind, (uint8_t)sent, (uint8_t)group, 0, pid, 0};
    return PyBool_FromLong(refill_remember(sender, number, entry, text, (size_t)size));
}

static PyMethodDef methods[] = {
    {"wait", module_wait, METH_VARARGS, NULL},
    {"take_stop", module_take_stop, METH_NOARGS, NULL},
    {"reap", module_reap, METH_NOARGS, NULL},
    {"part", module_part, METH_VARARGS, NULL},
    {"before", module_before, METH_NOARGS, NULL},
    {"hand_over", module_hand_over, METH_O, NULL},
    {"early", module_early, METH_NOARGS, NULL},
    {"ready", module_ready, METH_NOARGS, NULL},
    {"tell", telling_tell, METH_VARARGS, NULL},
    {"needs_again", telling_needs_again, METH_O, NULL},
    {"silent", telling_silent, METH_NOARGS, NULL},
    {"queue", module_queue, METH_VARARGS, NULL},
    {"prctl", attributes_prctl, METH_VARARGS, NULL},
    {"is_subreaper", attributes_is_subreaper, METH_NOARGS, NULL},
    {"set_limit", attributes_set_limit, METH_VARARGS, NULL},
    {"netlink", polling_netlink, METH_VARARGS, NULL},
    {"readable", polling_readable, METH_VARARGS, NULL},
    {"poll", polling_ready, METH_VARARGS, NULL},
    {"socket_listening", serving_listening, METH_VARARGS, NULL},
    {"socket_connected", serving_connected, METH_VARARGS, NULL},
    {"socket_accepted", serving_accepted, METH_VARARGS, NULL},
    {"control", serving_control, METH_NOARGS, NULL},
    {"datagram_opened", datagrams_opened, METH_NOARGS, NULL},
    {"datagram_taken", datagrams_taken, METH_VARARGS, NULL},
    {"ignored", module_ignored, METH_NOARGS, NULL},
    {"blocked", module_blocked, METH_NOARGS, NULL},
    {"restore", module_restore, METH_VARARGS, NULL},
    {"leave", module_leave, METH_VARARGS, NULL},
    {"settle", module_settle, METH_VARARGS, NULL},
    {"forget", module_forget, METH_NOARGS, NULL},
    {"counted", counting_counted, METH_NOARGS, NULL},
    {"remember", module_remember, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "sigroute.pid1.watch.core", .m_size = 0, .m_methods = methods};

PyObject *module_init(void) { return PyModule_Create(&definition); }
