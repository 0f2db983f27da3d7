// Does what pages saw of jquery.eventsource.js: an EventSource, or where there is none one request
// after the other, each block of whose answer is taken for an event.
(function ($, hasEventSource) {
  var open = {};

  /** A block: what has no data is an event too, of null. */
  function read(block, isJson) {
    var event = { type: 'message', lastEventId: null, retry: null, data: null }, data = [];
    $.each(block.split('\n'), function (_, line) {
      var field = /^(id|retry|data):(.*)$/.exec(line);
      if (!field) return;
      if (field[1] === 'data') data.push($.trim(field[2]));
      else event[field[1] === 'id' ? 'lastEventId' : 'retry'] = $.trim(field[2]);
    });
    if (data.length) event.data = data.join('\n');
    return { event: event, told: event.data && isJson ? $.parseJSON(event.data) : event.data };
  }

  /** What a listener throws ends it for good, and so does an answer that is an error. */
  function poll(options) {
    var state = open[options.label];
    if (!state) return;
    $.ajax({ type: 'GET', url: options.url, data: options.data, cache: false, timeout: 50000,
      beforeSend: function (request) {
        if (state.lastEventId) request.setRequestHeader('Last-Event-Id', state.lastEventId);
        options.open();
      },
      error: function (error) { options.error(error); },
      success: function (text) {
        var waitMs = 500;
        $.each(text.split('\n\n'), function (_, block) {
          if (block === '') return;
          var got = read(block, options.dataType === 'json');
          if (got.event.lastEventId) state.lastEventId = got.event.lastEventId;
          waitMs = Number(got.event.retry) || waitMs;
          options.message(got.told, got.event);
        });
        setTimeout(function () { poll(options); }, waitMs);
      } });
  }

  function listen(options) {
    var source = new EventSource(options.url + (options.data ? '?' + options.data : ''));
    source.onopen = options.open;
    source.onerror = options.error;
    source.onmessage = function (event) {
      options.message(options.dataType === 'json' ? $.parseJSON(event.data) : event.data, event);
    };
    return source;
  }

  $.eventsource = function (options, label) {
    if (options === 'close') {
      if (open[label].source) open[label].source.close();
      delete open[label];
      return open;
    }
    options = $.extend({ open: $.noop, message: $.noop, error: $.noop }, options);
    open[options.label] = {};
    if (hasEventSource) open[options.label].source = listen(options);
    else poll(options);
    return open;
  };
})(jQuery, !!window.EventSource);
